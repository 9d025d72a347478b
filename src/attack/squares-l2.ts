/** Proposals of the Square Attack in l2: what the ball still allows is heaped up in one square and taken from another. */

import { euclidean } from './norm-balls.js';
import type { Proposals, Scene } from './proposals.js';
import { drawWindow, type Window, windowSize } from './windows.js';

/** The paper's least side. */
const leastSide = 3;

export function squaresL2({ space, clean, lower, upper, current, dice, eps }: Scene): Proposals {
  const { channels, height, width, positions } = space;
  // nu: the change of `current`
  const nu = new Float32Array(clean.length);
  const clipped = (asked: Float32Array): boolean => {
    let isChange = false;
    for (let i = 0; i < asked.length; i++) {
      asked[i] = Math.min(upper[i], Math.max(lower[i], clean[i] + nu[i]));
      if (asked[i] !== current[i]) isChange = true;
    }
    return isChange;
  };
  return {
    start(asked) {
      tile();
      clipped(asked);
    },
    propose(asked, share) {
      const size = windowSize(space, share, leastSide);
      const [to, from] = [drawWindow(space, size, dice), drawWindow(space, size, dice)];
      const eta = twoHeaps(size.height, size.width, height > 1 && (size.width === 1 || dice.sign() > 0));
      let spent = 0;
      for (let i = 0; i < nu.length; i++) {
        nu[i] = current[i] - clean[i];
        spent += nu[i] * nu[i];
      }
      const unused = Math.max(0, eps * eps - spent) / channels;
      for (let c = 0; c < channels; c++) heapUp(c * positions, to, from, eta, unused);
      return clipped(asked);
    },
  };

  /** Heaps of random sign, five in a row, that fill the ball. */
  function tile(): void {
    const [rows, columns] = [Math.min(5, height), Math.min(5, width)];
    const [tall, wide] = [Math.floor(height / rows), Math.floor(width / columns)];
    const [top, left] = [(height - rows * tall) >> 1, (width - columns * wide) >> 1];
    const shape = heap(tall, wide);
    const scale = eps / (euclidean(shape) * Math.sqrt(channels * rows * columns));
    for (let c = 0; c < channels; c++) {
      for (let tile = 0; tile < rows * columns; tile++) {
        const sign = dice.sign();
        const corner = c * positions + (top + Math.floor(tile / columns) * tall) * width + left;
        for (let i = 0; i < shape.length; i++) {
          const at = corner + Math.floor(i / wide) * width + (tile % columns) * wide + (i % wide);
          nu[at] = sign * scale * shape[i];
        }
      }
    }
  }

  /** One channel: takes what is in both windows, and what else is unused, to one of them, in a mixture of its shape and eta. */
  function heapUp(offset: number, to: Window, from: Window, eta: Float32Array, unused: number): void {
    const size = eta.length;
    const cell = ({ top, left, width: wide }: Window, i: number): number =>
      offset + (top + Math.floor(i / wide)) * width + left + (i % wide);
    let [inTo, available] = [0, unused];
    for (let i = 0; i < size; i++) inTo += nu[cell(to, i)] ** 2;
    available += inTo;
    const rho = dice.sign();
    const mixed = new Float32Array(size);
    for (let i = 0; i < size; i++) mixed[i] = rho * eta[i] + (inTo > 0 ? nu[cell(to, i)] / Math.sqrt(inTo) : 0);
    const length = euclidean(mixed);
    if (length === 0) return;
    for (let i = 0; i < size; i++) nu[cell(to, i)] = 0;
    for (let i = 0; i < size; i++) {
      const at = cell(from, i);
      available += nu[at] ** 2;
      nu[at] = 0;
    }
    for (let i = 0; i < size; i++) nu[cell(to, i)] = (mixed[i] / length) * Math.sqrt(available);
  }
}

/** Highest in the middle and lower outwards: 1 / j^2 summed over all j from 1 + the distance from the middle to 1 + half the length. */
export function heap(tall: number, wide: number): Float32Array {
  const most = Math.floor(Math.max(tall, wide) / 2);
  const [middle, centre] = [Math.floor(tall / 2), Math.floor(wide / 2)];
  const heights = new Float64Array(most + 2);
  for (let d = most; d >= 0; d--) heights[d] = heights[d + 1] + 1 / (d + 1) ** 2;
  return Float32Array.from({ length: tall * wide }, (_, i) => {
    const distance = Math.max(Math.abs(Math.floor(i / wide) - middle), Math.abs((i % wide) - centre));
    return heights[distance];
  });
}

/** Two heaps of opposite sign that halve the window, of norm 1. @param isStacked one above the other, else side by side. */
export function twoHeaps(tall: number, wide: number, isStacked: boolean): Float32Array {
  const made = new Float32Array(tall * wide);
  const half = (isStacked ? tall : wide) >> 1;
  const put = (first: number, size: number, sign: number): void => {
    if (size === 0) return;
    const [rows, columns] = isStacked ? [size, wide] : [tall, size];
    const shape = heap(rows, columns);
    for (let i = 0; i < shape.length; i++) {
      const [row, column] = [Math.floor(i / columns), i % columns];
      made[isStacked ? (first + row) * wide + column : row * wide + first + column] = sign * shape[i];
    }
  };
  put(0, half, 1);
  put(half, (isStacked ? tall : wide) - half, -1);
  const length = euclidean(made);
  return made.map((value) => value / length);
}
