/** Gram matrices of the columns, Σ x xᵀ. They are symmetric, so only strips of the upper triangle are computed. */
import type { Observer } from './observer.js';

/** Rows of a strip: narrow enough to leave most of the lower triangle out, wide enough for the product to run at full speed. */
const stripRows = 192;

export const gram: Observer = {
  combine: 'sum',
  pieces: (stacks, columns) => strips(columns).map(([start, stop]) => [stacks, stop - start, columns - start]),
  emit: (g, x, _stacks, columns) =>
    strips(columns).map(([start, stop]) => {
      const left = stop - start === columns ? x : g.slice(x, [start], [stop], [2]);
      const right = start === 0 ? x : stop === columns ? left : g.slice(x, [start], [columns], [2]);
      return g.matmul(g.transpose(left, [0, 2, 1]), right);
    }),
  join: (pieces, stacks, columns) => {
    const whole = new Float64Array(stacks * columns * columns);
    strips(columns).forEach(([start, stop], i) => {
      for (let stack = 0; stack < stacks; stack++) {
        const piece = pieces[i]!.subarray(stack * (stop - start) * (columns - start));
        const matrix = whole.subarray(stack * columns * columns);
        copyStrip(piece, matrix, start, stop, columns);
      }
    });
    return whole;
  },
};

/** Writes rows [start, stop) of the upper triangle, and the columns that mirror them. */
function copyStrip(piece: Float64Array, matrix: Float64Array, start: number, stop: number, columns: number): void {
  const width = columns - start;
  for (let row = start; row < stop; row++) {
    for (let column = row; column < columns; column++) {
      const value = piece[(row - start) * width + column - start]!;
      matrix[row * columns + column] = value;
      matrix[column * columns + row] = value;
    }
  }
}

/** The strips [start, stop) of a matrix with so many columns. */
function strips(columns: number): readonly (readonly [start: number, stop: number])[] {
  const count = Math.max(1, Math.ceil(columns / stripRows));
  const rows = Math.ceil(columns / count);
  return Array.from({ length: count }, (_, i) => [i * rows, Math.min(columns, (i + 1) * rows)]);
}
