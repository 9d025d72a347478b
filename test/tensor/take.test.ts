import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { take } from '../../src/tensor/take.js';
import { dataOf, int64, memoryPayload, tensor } from '../../src/tensor/tensor.js';

const numbers = int64([2, 3, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

test.each([
  [0, [1], [1, 3, 2], [6, 7, 8, 9, 10, 11]],
  [1, [0, 2], [2, 2, 2], [0, 1, 4, 5, 6, 7, 10, 11]],
  [1, [2, 0, 1], [2, 3, 2], [4, 5, 0, 1, 2, 3, 10, 11, 6, 7, 8, 9]],
  [2, [1], [2, 3, 1], [1, 3, 5, 7, 9, 11]],
  [2, [], [2, 3, 0], []],
] as const)('along axis %i the positions %j', (axis, positions, shape, expected) => {
  const taken = take(numbers, axis, positions);
  expect([taken.dtype, taken.shape, Array.from(dataOf(taken), Number)]).toEqual(['int64', shape, expected]);
});

test('half precision keeps its bits', () => {
  const halves = tensor('float16', [3], Uint16Array.of(1, 0x7e00, 3));
  expect([...dataOf(take(halves, 0, [1, 2]))]).toEqual([0x7e00, 3]);
});

test('elements of half a byte are refused', () => {
  const packed = { dtype: 'int4', shape: [4], payload: memoryPayload(Uint8Array.of(1, 2)) } as const;
  expect(() => take(packed, 0, [1])).toThrow(
    new UserError('take', 'expected elements of whole bytes, got int4; convert the tensor first'),
  );
});
