/** Heat: the colours of an activation map, from cold to hot, each lighter than the one before. */

const stops = [
  [22, 20, 64],
  [76, 29, 132],
  [150, 42, 122],
  [216, 76, 82],
  [247, 148, 48],
  [250, 230, 130],
] as const;

/** @param share in [0, 1]. */
export function heat(share: number): readonly [red: number, green: number, blue: number] {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(place));
  const [a, b] = [stops[below]!, stops[below + 1]!];
  const mix = (i: 0 | 1 | 2): number => a[i] + (b[i] - a[i]) * (place - below);
  return [mix(0), mix(1), mix(2)];
}
