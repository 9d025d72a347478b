/** The prices of gse: what a change at each position costs, lower around what has changed, higher elsewhere. */
import type { Space } from '../oracle/space.js';

/** Of a Gaussian with deviation 1.5, normalised. */
export const blur = [0.120078, 0.233881, 0.292082, 0.233881, 0.120078] as const;

/** Prices of positions that nobody touches grow without end, and float32 does not hold them. */
const dearest = 1e30;

/**
 * Divides the prices, in place, by 1 + the blurred mask of changed positions, and by `q` where no changed position is within two
 * steps. @param change [channels, positions].
 */
export function adjustPrices(prices: Float32Array, change: Float32Array, space: Space, q: number): void {
  const { channels, height, width, positions } = space;
  const mask = new Float32Array(positions);
  let isTouched = false;
  for (let i = 0, p = 0; i < channels * positions; i++, p = p + 1 === positions ? 0 : p + 1) {
    if (change[i] === 0) continue;
    mask[p] = 1;
    isTouched = true;
  }
  const near = isTouched ? along(along(mask, height, width, true), width, height, false) : mask;
  for (let p = 0; p < positions; p++) prices[p] = Math.min(dearest, prices[p]! / (near[p] === 0 ? q : 1 + near[p]!));
}

/** The blur along one axis, reflected at its ends. An axis too short for that is left. */
function along(values: Float32Array, lines: number, length: number, isInner: boolean): Float32Array {
  const reach = 2;
  if (length <= reach) return values;
  const [between, stride] = isInner ? [length, 1] : [1, lines];
  const reflected = (i: number): number => (i < 0 ? -i : i >= length ? 2 * (length - 1) - i : i);
  const made = new Float32Array(values.length);
  for (let i = 0; i < length; i++) {
    for (let k = -reach; k <= reach; k++) {
      const from = reflected(i + k) * stride;
      const weight = blur[k + reach]!;
      for (let line = 0; line < lines; line++)
        made[line * between + i * stride]! += weight * values[line * between + from]!;
    }
  }
  return made;
}
