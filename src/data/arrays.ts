/** Arrays from .npy and .npz files as records: one column an array, samples along the first axis. */
import { basename, extname } from 'node:path';
import { UserError } from '../errors.js';
import { floatsOf } from '../tensor/convert.js';
import { isFloat } from '../tensor/dtype.js';
import { loadNpy } from '../tensor/npy.js';
import { loadNpz } from '../tensor/npz.js';
import { dataOf, type Tensor } from '../tensor/tensor.js';
import type { Column } from './reader.js';
import { pickRows, rowsOf } from './rows.js';

/** The arrays of all files by name; a .npy file's array has the name of the file. @throws UserError when two have one name. */
export function readArrays(files: readonly string[]): Map<string, Tensor> {
  const arrays = new Map<string, Tensor>();
  for (const path of files) {
    const kind = extname(path).toLowerCase();
    const found = kind === '.npz' ? loadNpz(path) : new Map([[basename(path, extname(path)), loadNpy(path)]]);
    for (const [name, array] of found) {
      if (arrays.has(name)) throw new UserError(path, `a second array is named '${name}'; name each once`);
      arrays.set(name, array);
    }
  }
  return arrays;
}

/** @throws UserError when the array is a single number. */
export function columnOf(array: Tensor, where: string): Column & { readonly count: number } {
  const [count, ...shape] = array.shape;
  if (count === undefined)
    throw new UserError(
      where,
      'expected samples along the first axis, got a single number; stack the samples in one array',
    );
  return { count, dtype: array.dtype, shape, read: (rows) => whole(rowsAt(array, rows), rows, where) };
}

/** One NaN makes every sum over the samples NaN: it is told where it is read. Infinities are at home in masks of attention. */
function whole(part: Tensor, rows: Uint32Array, where: string): Tensor {
  if (!isFloat(part.dtype)) return part;
  const values = part.dtype === 'float64' ? (dataOf(part) as Float64Array) : floatsOf(part);
  let at = 0;
  while (at < values.length && !Number.isNaN(values[at])) at++;
  if (at === values.length) return part;
  const size = values.length / rows.length;
  const place = size === 1 ? '' : ` at [${indexOf(at % size, part.shape.slice(1)).join(', ')}]`;
  const sample = `sample ${rows[Math.floor(at / size)]}`;
  throw new UserError(where, `expected numbers, got NaN in ${sample}${place}; fill it in or leave the sample out`);
}

/** The place of an element, by axis. */
const indexOf = (element: number, shape: readonly number[]): number[] =>
  shape.reduceRight<{ left: number; index: number[] }>(
    ({ left, index }, size) => ({ left: Math.floor(left / size), index: [left % size, ...index] }),
    { left: element, index: [] },
  ).index;

/** Neighbouring rows stay where they are, in the file or in memory. */
function rowsAt(array: Tensor, rows: Uint32Array): Tensor {
  const first = rows[0] ?? 0;
  const isRun = rows.every((row, i) => row === first + i);
  return isRun ? rowsOf(array, first, first + rows.length) : pickRows(array, rows);
}
