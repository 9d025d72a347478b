/** Corners of the balls of group nuclear norms: where a linear function is least is one group, each matrix in it of rank one. */
import { svd } from '../linalg/jacobi-svd.js';
import { singularValues } from '../linalg/singular-values.js';
import type { Space } from '../oracle/space.js';
import type { Window } from './windows.js';

/**
 * `original`: a group is one matrix, its channels on top of each other, and the group is the one with the largest singular value: exact for
 * the sum of nuclear norms of such matrices. `port`: each channel is a matrix, the group is the one whose nuclear norms sum to most,
 * and every channel of it is moved: a descent direction, not quite the least.
 */
export type AtomForm = 'original' | 'port';

/** Writes the change to `out`. @returns whether there is one: none where the gradient is zero. */
export function atom(
  gradient: Float32Array,
  space: Space,
  tiles: readonly Window[],
  radius: number,
  form: AtomForm,
  out: Float32Array,
): boolean {
  out.fill(0);
  const step = form === 'original' ? space.channels : 1;
  const matrices = (tile: Window): Float64Array[] =>
    Array.from({ length: space.channels / step }, (_, i) => blockOf(gradient, space, tile, i * step, step));
  const bounds = tiles.map((tile) => boundOf(matrices(tile), tile, step, form));
  const order = [...tiles.keys()].sort((a, b) => bounds[b]! - bounds[a]!);
  let [best, most] = [-1, 0];
  for (const k of order) {
    if (!(bounds[k]! > most)) break;
    const tile = tiles[k]!;
    let norm = 0;
    for (const matrix of matrices(tile)) {
      const s = singularValues(matrix, step * tile.height, tile.width);
      norm += form === 'original' ? s.reduce((a, b) => Math.max(a, b)) : s.reduce((a, b) => a + b);
    }
    if (norm > most) [best, most] = [k, norm];
  }
  if (best < 0) return false;
  const tile = tiles[best]!;
  matrices(tile).forEach((matrix, i) => {
    const { s, u, v } = svd(matrix, step * tile.height, tile.width);
    if (s[0]! > 0) place(u, v, -radius, space, tile, i * step, step, out);
  });
  return true;
}

/** Norms of Frobenius are quick, and bound the others from above. */
function boundOf(matrices: readonly Float64Array[], tile: Window, step: number, form: AtomForm): number {
  const rank = form === 'original' ? 1 : Math.min(step * tile.height, tile.width);
  let sum = 0;
  for (const matrix of matrices) {
    let square = 0;
    for (let i = 0; i < matrix.length; i++) square += matrix[i]! ** 2;
    sum += Math.sqrt(rank * square);
  }
  // rounding must not hide the best
  return sum * (1 + 1e-6);
}

/** `step` channels of a tile from `first` on, one on top of the other. */
function blockOf(
  values: Float32Array,
  { positions, width }: Space,
  tile: Window,
  first: number,
  step: number,
): Float64Array {
  const block = new Float64Array(step * tile.height * tile.width);
  let to = 0;
  for (let c = first; c < first + step; c++)
    for (let row = tile.top; row < tile.top + tile.height; row++) {
      const from = c * positions + row * width + tile.left;
      for (let i = 0; i < tile.width; i++) block[to++] = values[from + i]!;
    }
  return block;
}

/** scale u vᵀ at the place that `blockOf` reads. */
function place(
  u: Float64Array,
  v: Float64Array,
  scale: number,
  { positions, width }: Space,
  tile: Window,
  first: number,
  step: number,
  out: Float32Array,
): void {
  let line = 0;
  for (let c = first; c < first + step; c++)
    for (let row = tile.top; row < tile.top + tile.height; row++) {
      const to = c * positions + row * width + tile.left;
      const height = scale * u[line++]!;
      for (let i = 0; i < tile.width; i++) out[to + i] = height * v[i]!;
    }
}
