/** take: a tensor with some of its positions along an axis only. */
import { UserError } from '../errors.js';
import { sizeOf, storedBytes } from './dtype.js';
import { eachSpan } from './spans.js';
import { memoryPayload, type Tensor } from './tensor.js';

/**
 * @param positions that stay, in this order.
 * @throws UserError for elements of less than a byte, and for strings.
 */
export function take(t: Tensor, axis: number, positions: readonly number[]): Tensor {
  const { dtype, shape, payload } = t;
  const width = storedBytes(dtype, 2) - storedBytes(dtype, 1);
  if (t.strings || storedBytes(dtype, 8) !== 8 * width) {
    throw new UserError('take', `expected elements of whole bytes, got ${dtype}; convert the tensor first`);
  }
  const before = sizeOf(shape.slice(0, axis));
  const each = width * sizeOf(shape.slice(axis + 1));
  const bytes = payload.read();
  const taken = new Uint8Array(before * positions.length * each);
  for (let row = 0; row < before; row++) {
    eachSpan(positions, (at, first, count) => {
      const from = (row * shape[axis]! + first) * each;
      taken.set(bytes.subarray(from, from + count * each), (row * positions.length + at) * each);
    });
  }
  return { dtype, shape: shape.with(axis, positions.length), payload: memoryPayload(taken) };
}
