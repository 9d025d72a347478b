/** Sparse initializers: from values and indices to dense elements and back. */
import { UserError } from '../errors.js';
import { dataTypes, sizeOf, storedBytes } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import { lazyPayload } from './span-payload.js';

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

/**
 * The elements of a dense tensor that are not all zero bits (-0 is kept), with indices of the given rank. They are counted now and
 * gathered when they are read: a model has many such tensors.
 */
export function encodeSparse(dense: Tensor, coordinates: boolean): { values: Tensor; indices: Tensor } {
  const { dtype, shape, payload } = dense;
  const width = dataTypes[dtype].bits / 8;
  const count = keptElements(dense);
  const rank = shape.length;
  const values = lazyPayload(count * width, () => gatherKept(payload.read(), width, count));
  const indices = lazyPayload(count * 8 * (coordinates ? rank : 1), () => {
    const positions = keptPositions(payload.read(), width, count);
    const list = coordinates ? coordinatesOf(positions, shape) : BigInt64Array.from(positions, BigInt);
    return new Uint8Array(list.buffer);
  });
  return {
    values: { dtype, shape: [count], payload: values },
    indices: { dtype: 'int64', shape: coordinates ? [count, rank] : [count], payload: indices },
  };
}

/** How many elements a sparse form of a tensor holds. */
export const keptElements = ({ dtype, payload }: Tensor): number =>
  countKept(payload.read(), dataTypes[dtype].bits / 8);

function countKept(raw: Uint8Array, width: number): number {
  const isKept = keptIn(raw, width);
  let count = 0;
  for (let i = 0; i < raw.length / width; i++) if (isKept(i)) count++;
  return count;
}

function keptPositions(raw: Uint8Array, width: number, count: number): Float64Array {
  const isKept = keptIn(raw, width);
  const positions = new Float64Array(count);
  for (let i = 0, at = 0; at < count; i++) if (isKept(i)) positions[at++] = i;
  return positions;
}

function gatherKept(raw: Uint8Array, width: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count * width);
  for (const [i, position] of keptPositions(raw, width, count).entries())
    bytes.set(raw.subarray(position * width, (position + 1) * width), i * width);
  return bytes;
}

/** Whether any bit of an element is set; four bytes are looked at as one where they lie so. */
function keptIn(raw: Uint8Array, width: number): (i: number) => boolean {
  if (width !== 4) return (i) => raw.subarray(i * width, (i + 1) * width).some((byte) => byte !== 0);
  const aligned = raw.byteOffset % 4 === 0 ? raw : new Uint8Array(raw);
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  return (i) => words[i] !== 0;
}

function coordinatesOf(positions: Float64Array, shape: readonly number[]): BigInt64Array {
  const rank = shape.length;
  const each = new BigInt64Array(positions.length * rank);
  for (const [i, position] of positions.entries()) {
    for (let axis = rank - 1, rest = position; axis >= 0; axis--) {
      const size = shape[axis] as number;
      each[i * rank + axis] = BigInt(rest % size);
      rest = Math.floor(rest / size);
    }
  }
  return each;
}
