import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bfloat16Bits, encode, float16Bits, floatsOf, roundHalfEven, tensorOf } from '../../src/tensor/convert.js';
import { type DataType, dataTypes, storedBytes } from '../../src/tensor/dtype.js';
import { packedInts, packInts } from '../../src/tensor/packed.js';
import { tensor } from '../../src/tensor/tensor.js';

const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** All values of a 16-bit float in order of its bits. */
const values = (dtype: 'float16' | 'bfloat16'): Float32Array => floatsOf(tensor(dtype, [65536], bits));

describe.each([
  ['float16', 5, 10],
  ['bfloat16', 8, 7],
] as const)('%s', (dtype, exponentBits, fractionBits) => {
  const all = values(dtype);

  test('decodes every pattern by its definition', () => {
    const bias = 2 ** (exponentBits - 1) - 1;
    for (let i = 0; i < 65536; i++) {
      const sign = i >>> 15 ? -1 : 1;
      const exponent = (i >>> fractionBits) & (2 ** exponentBits - 1);
      const fraction = (i & (2 ** fractionBits - 1)) / 2 ** fractionBits;
      const top = exponent === 2 ** exponentBits - 1;
      const finite = exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
      const expected = sign * (top ? (fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN) : finite);
      if (!Object.is(all[i], expected)) throw new Error(`${i}: ${all[i]} is not ${expected}`);
    }
  });

  test('encodes every value to its own bits, NaN to a quiet NaN', () => {
    const back = encode(dtype, all);
    for (let i = 0; i < 65536; i++) {
      if (Number.isNaN(all[i])) expect(all[back[i] as number]).toBeNaN();
      else if (back[i] !== i) throw new Error(`${i} came back as ${back[i]}`);
    }
  });

  test('rounds to the nearest, ties to even', () => {
    const toBits = dtype === 'float16' ? float16Bits : bfloat16Bits;
    const infinity = toBits(Number.POSITIVE_INFINITY);
    for (let i = 0; i < infinity - 1; i++) {
      const [low, high] = [all[i]!, all[i + 1]!];
      const middle = (low + high) / 2;
      if (middle !== Math.fround(middle)) continue;
      const even = i % 2 === 0 ? i : i + 1;
      const just = Math.max(middle * 2 ** -23, 2 ** -149);
      const got = [middle, Math.fround(middle + just), Math.fround(middle - just)].map(toBits);
      if (String(got) !== String([even, i + 1, i])) throw new Error(`between ${i} and ${i + 1}: ${got}`);
    }
  });
});

test('float16 overflows half a step above its largest value', () => {
  expect([65519.996, 65520, 1e9, -65520].map((value) => float16Bits(value))).toEqual([0x7bff, 0x7c00, 0x7c00, 0xfc00]);
});

test('bfloat16 keeps the sign of zero and of NaN', () => {
  expect([-0, Number.NaN, 3.4e38].map(bfloat16Bits)).toEqual([0x8000, 0x7fc0, 0x7f80]);
});

describe('integers', () => {
  const ranges: [DataType, number, number][] = [
    ['int8', -128, 127],
    ['uint8', 0, 255],
    ['int16', -32768, 32767],
    ['uint16', 0, 65535],
    ['int4', -8, 7],
    ['uint4', 0, 15],
    ['int2', -2, 1],
    ['uint2', 0, 3],
  ];

  test.each(ranges)('%s: every value comes back, others are rounded half to even and clamped', (dtype, low, high) => {
    const whole = Float32Array.from({ length: high - low + 1 }, (_, i) => low + i);
    expect(floatsOf(tensorOf(dtype, [whole.length], whole))).toEqual(whole);
    const odd = Float32Array.of(low - 100, high + 100, 0.5, 1.4999, Number.NaN);
    expect([...floatsOf(tensorOf(dtype, [5], odd))]).toEqual([low, high, 0, 1, 0]);
  });

  test.each(['int32', 'int64', 'uint64', 'uint32'] as const)('%s clamps at both ends', (dtype) => {
    const ends = floatsOf(tensorOf(dtype, [2], Float32Array.of(-1e30, 1e30)));
    const isSigned = !dtype.startsWith('u');
    const width = dataTypes[dtype].bits - (isSigned ? 1 : 0);
    expect([...ends]).toEqual([isSigned ? -(2 ** width) : 0, Math.fround(2 ** width)]);
  });

  test('narrow ones are packed lowest first', () => {
    expect([...packInts([1, -2, 7], 4)]).toEqual([0xe1, 0x07]);
    expect([...packedInts(Uint8Array.of(0b11_10_01_00), 4, 2, true)]).toEqual([0, 1, -2, -1]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -8, max: 7 })), (ints) => {
        const bytes = packInts(ints, 4);
        expect(bytes.length).toBe(storedBytes('int4', ints.length));
        expect([...packedInts(bytes, ints.length, 4, true)]).toEqual(ints);
      }),
    );
  });
});

test('roundHalfEven', () => {
  const cases: [number, number][] = [
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, 0],
    [-1.5, -2],
    [-2.5, -2],
    [2.4, 2],
    [2.6, 3],
  ];
  for (const [value, rounded] of cases) expect(roundHalfEven(value) + 0).toBe(rounded);
});

test('there is no arithmetic on strings', () => {
  const words = { ...tensor('uint8', [1], Uint8Array.of(1)), dtype: 'string' as const };
  expect(() => floatsOf(words)).toThrow('tensor: no arithmetic on elements of type string; convert the model first');
});
