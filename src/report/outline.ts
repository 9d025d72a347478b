/** outline: the edge of a set of pixels as a path of SVG, a unit a pixel. */

interface Grid {
  readonly height: number;
  readonly width: number;
}

/** @param mask 1 where a pixel is in the set. Edges that continue each other are one line. */
export function outline(mask: Uint8Array, { height, width }: Grid): string {
  const isIn = (y: number, x: number): boolean =>
    y >= 0 && x >= 0 && y < height && x < width && mask[y * width + x] === 1;
  const lines: string[] = [];
  for (let y = 0; y <= height; y++)
    for (const [from, to] of runs(width, (x) => isIn(y - 1, x) !== isIn(y, x))) lines.push(`M${from} ${y}H${to}`);
  for (let x = 0; x <= width; x++)
    for (const [from, to] of runs(height, (y) => isIn(y, x - 1) !== isIn(y, x))) lines.push(`M${x} ${from}V${to}`);
  return lines.join('');
}

/** Stretches [from, to) where it holds. */
export function runs(length: number, holds: (at: number) => boolean): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (let at = 0; at < length; at++) {
    if (!holds(at)) continue;
    const last = found.at(-1);
    if (last && last[1] === at) last[1] = at + 1;
    else found.push([at, at + 1]);
  }
  return found;
}
