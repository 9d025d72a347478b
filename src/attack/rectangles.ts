/** Rectangles of positions by what changing all of one costs, and the one that holds most of something. */

import type { Space } from '../oracle/space.js';
import { patchSide } from './metrics/patches.js';
import type { Window } from './windows.js';

export interface Rectangle extends Window {
  /** Patches of 8 x 8 that it touches, and its positions. */
  readonly cost: number;
}

/** An axis longer than this is cut into as many places and sizes. */
const finest = 32;
/** Longer sides are at most so many times the shorter ones; on a line of positions there is no such limit. */
const longest = 2.5;

export class Rectangles {
  readonly whole: Rectangle;
  /** By rising cost; corners are places in the sums over rectangles from the first position. */
  readonly #cost: Float64Array;
  readonly #sides: Uint16Array;
  readonly #width: number;
  readonly #height: number;

  constructor({ height, width }: Pick<Space, 'height' | 'width'>) {
    [this.#height, this.#width] = [height, width];
    const make = (top: number, tall: number, left: number, wide: number): Rectangle => {
      const patches = touched(top, tall, height) * touched(left, wide, width);
      return { top, left, height: tall, width: wide, cost: patches + tall * wide };
    };
    const lines = height > 1 && width > 1 ? longest : Number.POSITIVE_INFINITY;
    const spansOver = spansOf(width);
    const all = spansOf(height).flatMap(([top, tall]) =>
      spansOver
        .filter(([, wide]) => tall <= lines * wide && wide <= lines * tall)
        .map(([left, wide]) => make(top, tall, left, wide)),
    );
    all.sort((a, b) => a.cost - b.cost);
    this.whole = make(0, height, 0, width);
    this.#cost = Float64Array.from(all, ({ cost }) => cost);
    this.#sides = Uint16Array.from(all.flatMap((each) => [each.top, each.left, each.height, each.width]));
  }

  /**
   * The rectangle that holds most of `heat`, of those that cost `most` or less and overlap none of `avoid` by more than half of the smaller
   * one; undefined where there is none. Of equal ones the cheapest.
   */
  hottest(heat: Float64Array, most: number, avoid: readonly Rectangle[] = []): Rectangle | undefined {
    const row = this.#width + 1;
    const sums = sumsOver(heat, this.#height, this.#width);
    let [best, found] = [0, -1];
    for (let i = 0; i < this.#cost.length && this.#cost[i]! <= most; i++) {
      const [top, left] = [this.#sides[4 * i]!, this.#sides[4 * i + 1]!];
      const [bottom, right] = [top + this.#sides[4 * i + 2]!, left + this.#sides[4 * i + 3]!];
      const held =
        sums[bottom * row + right]! - sums[top * row + right]! - sums[bottom * row + left]! + sums[top * row + left]!;
      if (held > best && !avoid.some((each) => overlaps(each, this.#at(i)))) [best, found] = [held, i];
    }
    return found < 0 ? undefined : this.#at(found);
  }

  #at(i: number): Rectangle {
    const [top, left, height, width] = this.#sides.subarray(4 * i, 4 * i + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    return { top, left, height, width, cost: this.#cost[i]! };
  }
}

/** Made once for a grid: sorting them takes longer than an attack on one example. */
export function rectanglesOf({ height, width }: Pick<Space, 'height' | 'width'>): Rectangles {
  const grid = `${height} x ${width}`;
  const found = known.get(grid) ?? new Rectangles({ height, width });
  known.set(grid, found);
  return found;
}

const known = new Map<string, Rectangles>();

/** Places of a window of 8, or of the whole axis where that is shorter, that meet a stretch. */
function touched(from: number, length: number, axis: number): number {
  const window = Math.min(patchSide, axis);
  return Math.min(axis - window, from + length - 1) - Math.max(0, from - window + 1) + 1;
}

/** Stretches of an axis: all of them, or on a long one those on a lattice with lengths that grow by ratios. */
function spansOf(axis: number): [from: number, length: number][] {
  const stride = Math.ceil(axis / finest);
  const lengths =
    stride === 1
      ? Array.from({ length: axis }, (_, i) => i + 1)
      : [...new Set(Array.from({ length: finest }, (_, i) => Math.round(axis ** ((i + 1) / finest))))];
  return lengths.flatMap((length) => {
    const places = Array.from({ length: Math.floor((axis - length) / stride) + 1 }, (_, i) => i * stride);
    if (places.at(-1) !== axis - length) places.push(axis - length);
    return places.map((from): [number, number] => [from, length]);
  });
}

/** Of all positions above and to the left, with a row and a column of zeros before. */
function sumsOver(values: Float64Array, height: number, width: number): Float64Array {
  const row = width + 1;
  const sums = new Float64Array((height + 1) * row);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      sums[(y + 1) * row + x + 1] =
        values[y * width + x]! + sums[y * row + x + 1]! + sums[(y + 1) * row + x]! - sums[y * row + x]!;
  return sums;
}

function overlaps(a: Rectangle, b: Rectangle): boolean {
  const tall = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  const wide = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  return tall > 0 && wide > 0 && tall * wide > 0.5 * Math.min(a.height * a.width, b.height * b.width);
}
