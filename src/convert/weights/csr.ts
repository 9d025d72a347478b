/** Compressed sparse rows: for each row of a weight's two-dimensional view its kept elements and their columns. */
import { UserError } from '../../errors.js';
import { type DataType, dataTypes, sizeOf } from '../../tensor/dtype.js';
import { dataOf, type Tensor } from '../../tensor/tensor.js';
import { keptValues } from './bitmask.js';
import { type Bits, bitsOf, bytesOf, hasWords, zerosLike } from './bits.js';
import { bytesIn, type Coded, type Coding, checkPart, denseBytes } from './coding.js';
import { damaged } from './entries.js';
import type { MakeWhenRead } from './made-when-read.js';

/** `auto` takes the smallest unsigned type that holds the columns; `i32` is what libraries of sparse matrices take. */
export type IndexChoice = 'auto' | 'i32';

type IndexType = 'uint8' | 'uint16' | 'uint32' | 'int32' | 'int64';

/**
 * A weight as [first dimension, all others]; a vector is one row, and so is a scalar.
 * @param weight whose type `hasWords`.
 * @returns the reason why it cannot be coded, where it cannot.
 */
export function encodeCsr(weight: Tensor, index: IndexChoice, make: MakeWhenRead): Coded | string {
  const { rows, columns } = viewOf(weight.shape);
  if (columns > largest.int32) return `its rows have more than ${largest.int32} elements`;
  const starts = rowStarts(bitsOf(weight), rows, columns);
  const count = starts[rows]!;
  const columnType: IndexType = index === 'i32' ? 'int32' : smallest(Math.max(0, columns - 1));
  const rowType: IndexType = count <= largest.int32 ? 'int32' : 'int64';
  const parts = new Map<string, Tensor>([
    ['.values', keptValues(weight, count, make)],
    ['.columns', indices(columnType, count, make, (to) => fillColumns(bitsOf(weight), columns, to))],
    ['.rows', indices(rowType, rows + 1, make, (to) => to.set(starts))],
  ]);
  // what `csr.open` would refuse to make
  if (denseBytes(weight) > mostDense(parts.values())) return 'next to nothing of it is kept';
  return { coding: 'csr', facts: {}, parts };
}

/** The two-dimensional view: as stored, with all dimensions after the first as one. */
export const viewOf = (shape: readonly number[]): { rows: number; columns: number } =>
  shape.length < 2 ? { rows: 1, columns: sizeOf(shape) } : { rows: shape[0]!, columns: sizeOf(shape.slice(1)) };

const largest = { uint8: 2 ** 8 - 1, uint16: 2 ** 16 - 1, int32: 2 ** 31 - 1 };

const smallest = (index: number): IndexType =>
  index <= largest.uint8 ? 'uint8' : index <= largest.uint16 ? 'uint16' : 'uint32';

/** A few bytes of a file must not ask for all memory: nothing emptier is written, or read, unless it is small. */
const mostDense = (parts: Iterable<Tensor>): number => Math.max(2 ** 26, bytesIn(parts) * 4096);

const arrays = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array };

interface Writable {
  [index: number]: number;
  set(values: ArrayLike<number>): void;
}

function indices(dtype: IndexType, length: number, make: MakeWhenRead, fill: (to: Writable) => void): Tensor {
  const bytes = (length * dataTypes[dtype].bits) / 8;
  return { dtype, shape: [length], payload: make(bytes, () => indexBytes(dtype, length, fill)) };
}

function indexBytes(dtype: IndexType, length: number, fill: (to: Writable) => void): Uint8Array {
  const array = new (dtype === 'int64' ? Float64Array : arrays[dtype])(length);
  fill(array);
  const stored = dtype === 'int64' ? BigInt64Array.from(array, BigInt) : array;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** Where the kept elements of each row start, and the end of the last: [rows + 1]. */
function rowStarts(bits: Bits, rows: number, columns: number): Float64Array {
  const starts = new Float64Array(rows + 1);
  for (let row = 0, i = 0, kept = 0; row < rows; row++) {
    for (const end = i + columns; i < end; i++) if (bits[i]) kept++;
    starts[row + 1] = kept;
  }
  return starts;
}

function fillColumns(bits: Bits, columns: number, to: Writable): void {
  let next = 0;
  for (let start = 0; start < bits.length; start += columns) {
    for (let column = 0; column < columns; column++) if (bits[start + column]) to[next++] = column;
  }
}

export const csr: Coding = {
  parts: ['.values', '.columns', '.rows'],
  open(entry, parts, where) {
    const [values, columns, rows] = parts as [Tensor, Tensor, Tensor];
    const { dtype, shape } = entry;
    const count = sizeOf(values.shape);
    if (!hasWords(dtype)) throw damaged(where, `elements of type ${dtype} have no columns`);
    checkPart(values, { dtype, shape: [count] }, `${where}: values`);
    checkPart(columns, { dtype: oneOf(columns.dtype, 'uint32'), shape: [count] }, `${where}: columns`);
    checkPart(rows, { dtype: oneOf(rows.dtype, 'int32'), shape: [viewOf(shape).rows + 1] }, `${where}: rows`);
    const most = mostDense(parts);
    if (denseBytes(entry) > most) {
      throw damaged(where, `expected at most ${most} bytes once dense, got shape [${shape}]`);
    }
    return () => bytesOf(denseOf(bitsOf(values), indexValues(columns), indexValues(rows), shape, where));
  },
};

const oneOf = (dtype: DataType, otherwise: DataType): DataType =>
  Object.hasOwn(arrays, dtype) || dtype === 'int64' ? dtype : otherwise;

/** Indices as numbers; those beyond 2^53 lose their last digits, and are out of range anyway. */
const indexValues = (t: Tensor): ArrayLike<number> => {
  const array = dataOf(t);
  return t.dtype === 'int64' ? Float64Array.from(array as BigInt64Array, Number) : (array as Int32Array);
};

function denseOf(
  values: Bits,
  columns: ArrayLike<number>,
  starts: ArrayLike<number>,
  shape: readonly number[],
  where: string,
): Bits {
  const view = viewOf(shape);
  checkStarts(starts, values.length, where);
  const dense = roomFor(values, view.rows * view.columns, where);
  for (let row = 0; row < view.rows; row++) {
    let before = -1;
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const column = columns[i]!;
      if (column <= before || column >= view.columns) {
        const expected = `a column above ${before} and below ${view.columns}`;
        throw damaged(where, `expected ${expected} for value ${i} in row ${row}, got ${column}`);
      }
      dense[row * view.columns + column] = values[i]!;
      before = column;
    }
  }
  return dense;
}

function roomFor(values: Bits, elements: number, where: string): Bits {
  try {
    return zerosLike(values, elements);
  } catch (cause) {
    const bytes = elements * values.BYTES_PER_ELEMENT;
    throw new UserError(where, `no room for ${bytes} bytes once dense; read it where there is more memory`, { cause });
  }
}

function checkStarts(starts: ArrayLike<number>, count: number, where: string): void {
  for (let row = 0, before = 0; row < starts.length; row++) {
    const start = starts[row]!;
    if (row === 0 ? start !== 0 : start < before) {
      throw damaged(where, `expected row ${row} to start at ${row === 0 ? '0' : `${before} or later`}, got ${start}`);
    }
    before = start;
  }
  const end = starts[starts.length - 1]!;
  if (end !== count) throw damaged(where, `its rows end at ${end}, but there are ${count} values`);
}
