/** The codings by themselves: every weight comes back to the bit, and what is damaged is refused with a reason. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeWeights } from '../../src/convert/stored-weights.js';
import { encodeBitmask } from '../../src/convert/weights/bitmask.js';
import type { Coded } from '../../src/convert/weights/coding.js';
import { encodeCsr } from '../../src/convert/weights/csr.js';
import { metadataOf } from '../../src/convert/weights/entries.js';
import { makeWhenRead } from '../../src/convert/weights/made-when-read.js';
import { encodeNm } from '../../src/convert/weights/nm.js';
import type { MatrixLayout } from '../../src/ops/layout.js';
import { dataOf, float32, type Tensor } from '../../src/tensor/tensor.js';
import { plain } from '../tensor/any-tensor.js';
import { filed, flat, make, sparseWeight } from './sparse-weights.js';

const backFrom = (coded: Coded, weight: Tensor): Tensor => {
  const { tensors, entry } = filed(coded, weight);
  return decodeWeights(tensors, metadataOf([entry]), 'file').get('w')!;
};

const numbers = (coded: Coded, part: string): unknown[] => Array.from(dataOf(coded.parts.get(part)!) as Float32Array);

const runs = { seed: 7, numRuns: 300 };

describe('bitmask', () => {
  test('gives every bit back, of every type and shape', () => {
    fc.assert(
      fc.property(sparseWeight(), (w) => {
        expect(plain(backFrom(encodeBitmask(w, make), w))).toEqual(plain(w));
      }),
      runs,
    );
  });

  test('is what the page says', () => {
    const w = float32([2, 5], Float32Array.of(0, 1, 0, 0, -0, 0, 0, 0, 2, 3));
    const coded = encodeBitmask(w, make);
    expect(numbers(coded, '.mask')).toEqual([0b0001_0010, 0b0000_0011]);
    expect(numbers(coded, '.values')).toEqual([1, -0, 2, 3]);
  });
});

describe('csr', () => {
  test.each(['auto', 'i32'] as const)('gives every bit back with %s indices', (index) => {
    fc.assert(
      fc.property(sparseWeight(), (w) => {
        expect(plain(backFrom(encodeCsr(w, index, make) as Coded, w))).toEqual(plain(w));
      }),
      runs,
    );
  });

  test('is what the page says', () => {
    const w = float32([2, 2, 2], Float32Array.of(0, 1, 0, 2, 0, 0, -0, 0));
    const coded = encodeCsr(w, 'i32', make) as Coded;
    expect(numbers(coded, '.values')).toEqual([1, 2, -0]);
    expect(numbers(coded, '.columns')).toEqual([1, 3, 2]);
    expect(numbers(coded, '.rows')).toEqual([0, 2, 3]);
    expect([...coded.parts.values()].map(({ dtype }) => dtype)).toEqual(['float32', 'int32', 'int32']);
  });

  test.each([
    [256, 'uint8'],
    [257, 'uint16'],
    [65_536, 'uint16'],
    [65_537, 'uint32'],
  ])('%d columns take %s', (columns, dtype) => {
    const w = float32([1, columns], new Float32Array(columns).with(columns - 1, 1));
    const coded = encodeCsr(w, 'auto', make) as Coded;
    expect(coded.parts.get('.columns')!.dtype).toBe(dtype);
    expect(numbers(coded, '.columns')).toEqual([columns - 1]);
    expect(plain(backFrom(coded, w))).toEqual(plain(w));
  });

  test('leaves dense what its reader would take for an attack', () => {
    const empty = float32([1, 2 ** 24 + 1], new Float32Array(2 ** 24 + 1));
    expect(encodeCsr(empty, 'auto', make)).toBe('next to nothing of it is kept');
  });
});

describe('n:m', () => {
  /** A kernel [outputs, channels, 2, 2] whose groups of m channels keep at most n of any bits. */
  const kernels = fc
    .record({ n: fc.integer({ min: 1, max: 7 }), more: fc.integer({ min: 1, max: 4 }) })
    .chain(({ n, more }) =>
      fc
        .record({ outputs: fc.integer({ min: 1, max: 3 }), channels: fc.integer({ min: n + more, max: 20 }) })
        .chain((s) =>
          sparseWeight(fc.constant([s.outputs, s.channels, 2, 2])).map((w) => ({
            ...s,
            n,
            m: n + more,
            w: thinned(w, n, n + more),
          })),
        ),
    );
  const layoutOf = (outputs: number, channels: number): MatrixLayout => ({
    view: [outputs, channels, 4],
    perm: [0, 2, 1],
    stacks: 1,
    rows: outputs,
    columns: 4 * channels,
    kernel: [2, 2],
  });

  /** Clears what is too much in each whole group. */
  function thinned(w: Tensor, n: number, m: number): Tensor {
    const [outputs, channels] = w.shape as [number, number];
    const bytes = new Uint8Array(w.payload.read());
    const width = bytes.length / (outputs * channels * 4);
    for (let o = 0; o < outputs; o++)
      for (let p = 0; p < 4; p++)
        for (let from = 0; from + m <= channels; from += m)
          for (let c = from, kept = 0; c < from + m; c++) {
            const at = ((o * channels + c) * 4 + p) * width;
            const element = bytes.subarray(at, at + width);
            if (element.some((byte) => byte !== 0) && ++kept > n) element.fill(0);
          }
    return {
      ...w,
      payload: {
        byteLength: bytes.length,
        read: (from = 0, length = bytes.length - from) => bytes.subarray(from, from + length),
      },
    };
  }

  test('gives every bit back, for every n and m, columns that fill no group too', () => {
    fc.assert(
      fc.property(kernels, ({ outputs, channels, n, m, w }) => {
        const coded = encodeNm(w, layoutOf(outputs, channels), { n, m }, make) as Coded;
        expect(plain(backFrom(coded, w))).toEqual(plain(w));
      }),
      runs,
    );
  });

  test('2:4 has two bits a position, first in the lowest, and is what the page says', () => {
    const w = float32([2, 8], Float32Array.of(0, 1, 0, 2, 0, 0, 0, 3, 4, 5, 0, 0, 0, 0, 0, 0));
    const coded = encodeNm(w, flat(2, 8), { n: 2, m: 4 }, make) as Coded;
    expect(numbers(coded, '.values')).toEqual([1, 2, 0, 3, 4, 5, 0, 0]);
    expect(coded.parts.get('.values')!.shape).toEqual([2, 4]);
    // (1, 3) (0, 3); (0, 1) (0, 1)
    expect(numbers(coded, '.metadata')).toEqual([0b11_00_11_01, 0b01_00_01_00]);
  });

  test('4:8 has three bits a position, 1:4 two', () => {
    const eight = float32([1, 8], Float32Array.of(1, 0, 0, 2, 0, 3, 0, 4));
    const coded = encodeNm(eight, flat(1, 8), { n: 4, m: 8 }, make) as Coded;
    // 0, 3, 5, 7 in three bits each: 000 110 101 111 from the lowest up
    expect(numbers(coded, '.metadata')).toEqual([0b01_011_000, 0b1111_1 >> 1]);
    const four = float32([1, 8], Float32Array.of(0, 0, 9, 0, 0, 0, 0, 0));
    expect(numbers(encodeNm(four, flat(1, 8), { n: 1, m: 4 }, make) as Coded, '.metadata')).toEqual([0b00_10]);
  });

  test('tells the first group that keeps too many, -0 counting as kept', () => {
    const w = float32([2, 8], Float32Array.of(0, 1, 0, 2, 0, 0, 0, 3, 4, 5, 0, 0, 1, 0, -0, 2));
    expect(encodeNm(w, flat(2, 8), { n: 2, m: 4 }, make)).toEqual({
      count: 4,
      broken: 1,
      first: { output: 1, column: 4, kept: 3 },
    });
  });
});

describe('payloads that are made when read', () => {
  test('are made once while they are read in parts, and one at a time', () => {
    const made: string[] = [];
    const hold = makeWhenRead('m.onnx');
    const payload = (name: string) =>
      hold(2, () => {
        made.push(name);
        return Uint8Array.of(1, 2);
      });
    const [a, b] = [payload('a'), payload('b')];
    expect(made).toEqual([]);
    expect([...a.read(0, 1), ...a.read(1, 1), ...b.read(), ...a.read(1)]).toEqual([1, 2, 1, 2, 2]);
    expect(made).toEqual(['a', 'b', 'a']);
  });

  test('say so when their source changed', () => {
    const changed = makeWhenRead('m.onnx')(3, () => new Uint8Array(2));
    expect(() => changed.read()).toThrow(
      'm.onnx: expected 3 bytes, got 2; its weights changed meanwhile: leave the file alone and try again',
    );
  });
});
