import { expect, test } from 'vitest';
import type { DataType } from '../../src/tensor/dtype.js';
import { memoryPayload } from '../../src/tensor/tensor.js';
import { countNonZeros } from '../../src/tensor/zeros.js';

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

test.each<[DataType, number[], ArrayBufferView, number]>([
  ['float32', [4], Float32Array.of(0, -0, 1e-45, Number.NaN), 2],
  ['float64', [4], Float64Array.of(0, -0, 5e-324, -1), 2],
  ['float16', [4], Uint16Array.of(0, 0x8000, 1, 0xbc00), 2],
  ['bfloat16', [3], Uint16Array.of(0, 0x8000, 0x3f80), 1],
  ['float8e4m3fn', [3], Uint8Array.of(0, 0x80, 1), 1],
  ['float8e4m3fnuz', [2], Uint8Array.of(0, 0x80), 1],
  ['int8', [3], Int8Array.of(0, -128, 1), 2],
  ['uint16', [2], Uint16Array.of(0, 0x8000), 1],
  ['int32', [2], Int32Array.of(0, -(2 ** 31)), 1],
  ['int64', [3], BigInt64Array.of(0n, 2n ** 40n, -(2n ** 63n)), 2],
  ['complex64', [3], Float32Array.of(0, -0, 0, 1, 2, 0), 2],
  ['complex128', [2], Float64Array.of(-0, 0, 0, 1), 1],
  ['int4', [3], Uint8Array.of(0x10, 0xf8), 2],
  ['uint2', [3], Uint8Array.of(0b11_01_00_10), 2],
  ['float4e2m1', [2], Uint8Array.of(0x18), 1],
])('%s%j has as many non-zeros as it should', (dtype, shape, array, expected) => {
  expect(countNonZeros({ dtype, shape, payload: memoryPayload(bytesOf(array)) })).toBe(expected);
});

test('reads at most a few megabytes at a time', () => {
  const values = new Float32Array(3_000_000).fill(1, 0, 2_000_001);
  const whole = memoryPayload(bytesOf(values));
  let largest = 0;
  const payload = {
    byteLength: whole.byteLength,
    read: (offset?: number, length?: number) => {
      const bytes = whole.read(offset, length);
      largest = Math.max(largest, bytes.length);
      return bytes;
    },
  };
  expect(countNonZeros({ dtype: 'float32', shape: [3_000_000], payload })).toBe(2_000_001);
  expect(largest).toBeLessThanOrEqual(2 ** 22);
});
