/** Sparse initializers: from values and indices to dense elements and back. */
import { UserError } from '../errors.js';
import { dataTypes, sizeOf, storedBytes } from '../tensor/dtype.js';
import { memoryPayload, type Tensor, tensor } from '../tensor/tensor.js';

/** Above these a dense copy is refused: a few bytes of a file must not ask for all memory. */
const mostDenseBytes = 2 ** 32;
const mostUnaskedBytes = 2 ** 26;
/** How often its stored bytes a larger dense copy may be: no weight worth its place is emptier. */
const highestRatio = 4096;

/**
 * The dense elements, in raw_data layout.
 * @param values [n]; @param indices [n] linear or [n, rank] coordinates, int64.
 * @throws UserError when shapes disagree or an index lies outside.
 */
export function decodeSparse(values: Tensor, indices: Tensor, shape: readonly number[], where: string): Uint8Array {
  const { bits } = dataTypes[values.dtype];
  if (bits < 8) throw new UserError(where, `expected elements of whole bytes, got ${values.dtype}; store it dense`);
  const width = bits / 8;
  const bytes = storedBytes(values.dtype, sizeOf(shape));
  const most = Math.min(mostDenseBytes, Math.max(mostUnaskedBytes, values.payload.byteLength * highestRatio));
  if (bytes > most) {
    throw new UserError(where, `expected at most ${most} bytes once dense, got shape [${shape}]; store it dense`);
  }
  const positions = linearIndices(indices, sizeOf(values.shape), shape, where);
  const source = values.payload.read();
  const dense = new Uint8Array(bytes);
  for (const [i, position] of positions.entries()) {
    dense.set(source.subarray(i * width, (i + 1) * width), position * width);
  }
  return dense;
}

function linearIndices(indices: Tensor, count: number, shape: readonly number[], where: string): number[] {
  const isLinear = indices.shape.length === 1 && indices.shape[0] === count;
  const isCoordinates = indices.shape.length === 2 && indices.shape[0] === count && indices.shape[1] === shape.length;
  if (!isLinear && !isCoordinates) {
    throw new UserError(
      where,
      `expected indices [${count}] or [${count}, ${shape.length}], got [${indices.shape}]; the file is damaged`,
    );
  }
  const raw = indices.payload.read();
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const at = (i: number, limit: number): number => {
    const index = Number(view.getBigInt64(8 * i, true));
    if (index >= 0 && index < limit) return index;
    throw new UserError(where, `expected an index below ${limit}, got ${index}; the file is damaged`);
  };
  if (isLinear) return Array.from({ length: count }, (_, i) => at(i, sizeOf(shape)));
  return Array.from({ length: count }, (_, i) =>
    shape.reduce((position, size, axis) => position * size + at(i * shape.length + axis, size), 0),
  );
}

/** The elements of a dense tensor that are not all zero bits (-0 is kept), with indices of the given rank. */
export function encodeSparse(dense: Tensor, coordinates: boolean): { values: Tensor; indices: Tensor } {
  const width = dataTypes[dense.dtype].bits / 8;
  const raw = dense.payload.read();
  const kept: number[] = [];
  for (let i = 0; i < raw.length / width; i++) {
    if (raw.subarray(i * width, (i + 1) * width).some((byte) => byte !== 0)) kept.push(i);
  }
  const bytes = new Uint8Array(kept.length * width);
  for (const [i, position] of kept.entries())
    bytes.set(raw.subarray(position * width, (position + 1) * width), i * width);
  const values = { dtype: dense.dtype, shape: [kept.length], payload: memoryPayload(bytes) };
  const linear = BigInt64Array.from(kept, BigInt);
  if (!coordinates) return { values, indices: tensor('int64', [kept.length], linear) };
  const rank = dense.shape.length;
  const each = new BigInt64Array(kept.length * rank);
  for (const [i, position] of kept.entries()) {
    for (let axis = rank - 1, rest = position; axis >= 0; axis--) {
      const size = dense.shape[axis] as number;
      each[i * rank + axis] = BigInt(rest % size);
      rest = Math.floor(rest / size);
    }
  }
  return { values, indices: tensor('int64', [kept.length, rank], each) };
}
