/** sigmaMap: how much an image varies around each element: changes where it varies anyway are hard to see. */
import type { Space } from '../oracle/space.js';

/**
 * Croce, Hein, Sparse and imperceivable adversarial attacks (arXiv 1909.05040): the root of the lesser of two deviations, of the
 * element and its two neighbours along the row and along the column; the border is repeated beyond itself. A series has rows only.
 * @param x one example, [channels, positions].
 */
export function sigmaMap(x: Float32Array, { channels, height, width, positions }: Space): Float32Array {
  const sigma = new Float32Array(x.length);
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const at = c * positions + row * width + column;
        const along = deviation(x[column > 0 ? at - 1 : at], x[at], x[column < width - 1 ? at + 1 : at]);
        const across =
          height === 1 ? along : deviation(x[row > 0 ? at - width : at], x[at], x[row < height - 1 ? at + width : at]);
        sigma[at] = Math.sqrt(Math.min(along, across));
      }
    }
  }
  return sigma;
}

function deviation(a: number, b: number, c: number): number {
  const mean = (a + b + c) / 3;
  return Math.sqrt(((a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2) / 3);
}
