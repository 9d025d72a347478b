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
import { dataOf, float32, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { plain } from '../tensor/any-tensor.js';
import { make, sparseWeight } from './sparse-weights.js';

/** Entry and tensors of one weight 'w', as they stand in a file. */
function filed({ coding, facts, parts }: Coded, { dtype, shape }: Tensor) {
  const tensors = new Map([...parts].map(([part, t]) => [`w${part}`, t]));
  return { tensors, entry: { name: 'w', coding, dtype, shape, ...facts } };
}

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

/** A matrix as it is. */
const flat = (rows: number, columns: number): MatrixLayout => ({
  view: [rows * columns],
  perm: [0],
  stacks: 1,
  rows,
  columns,
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

describe('damaged contents', () => {
  const w = float32([2, 4], Float32Array.of(0, 1, 0, 2, 0, 0, 3, 0));
  const masked = filed(encodeBitmask(w, make), w);
  const rows = filed(encodeCsr(w, 'auto', make) as Coded, w);
  const groups = filed(encodeNm(w, flat(2, 4), { n: 2, m: 4 }, make) as Coded, w);
  const bytes = (...values: number[]): Tensor => tensor('uint8', [values.length], Uint8Array.from(values));
  const ints = (...values: number[]): Tensor => tensor('int32', [values.length], Int32Array.from(values));
  type Filed = typeof masked;
  const read = ({ tensors, entry }: Filed, part: string, other: Tensor | undefined, facts: object = {}) => {
    const changed = new Map(tensors);
    if (other) changed.set(`w${part}`, other);
    else changed.delete(`w${part}`);
    return () =>
      decodeWeights(changed, metadataOf([{ ...entry, ...facts }]), 'a.st')
        .get('w')!
        .payload.read();
  };
  const withFacts = (from: Filed, facts: object) => read(from, '', undefined, facts);
  const end = '; the file is damaged: write it again';

  test.each<[string, () => unknown, string]>([
    [
      'a mask of too many',
      read(masked, '.mask', bytes(0xff)),
      "a.st: 'w': its mask keeps 8 elements, but there are 3 values",
    ],
    [
      'a mask of too few',
      read(masked, '.mask', bytes(1)),
      "a.st: 'w': its mask keeps 1 elements, but there are 3 values",
    ],
    ['a mask of another size', read(masked, '.mask', bytes(1, 2)), "a.st: 'w': mask: expected uint8[1], got uint8[2]"],
    [
      'a mask past the end',
      read(masked, '.mask', bytes(0x80), { shape: [7] }),
      "a.st: 'w': its mask keeps element 7 of 7",
    ],
    [
      'values of another type',
      read(masked, '.values', ints(1, 2, 3)),
      "a.st: 'w': values: expected float32[3], got int32[3]",
    ],
    ['no mask', read(masked, '.mask', undefined), "a.st: 'w': expected a tensor 'w.mask', got none"],
    [
      'a shape that is not the mask',
      withFacts(masked, { shape: [2, 5] }),
      "a.st: 'w': mask: expected uint8[2], got uint8[1]",
    ],
    [
      'an element type of no words',
      withFacts(masked, { dtype: 'int4' }),
      "a.st: 'w': elements of type int4 have no mask",
    ],
    [
      'a column out of range',
      read(rows, '.columns', bytes(1, 4, 2)),
      "a.st: 'w': expected a column above 1 and below 4 for value 1 in row 0, got 4",
    ],
    [
      'columns that do not rise',
      read(rows, '.columns', bytes(3, 3, 2)),
      "a.st: 'w': expected a column above 3 and below 4 for value 1 in row 0, got 3",
    ],
    [
      'a negative column',
      read(rows, '.columns', ints(1, 3, -1)),
      "a.st: 'w': expected a column above -1 and below 4 for value 2 in row 1, got -1",
    ],
    [
      'columns of floats',
      read(rows, '.columns', float32([3], new Float32Array(3))),
      "a.st: 'w': columns: expected uint32[3], got float32[3]",
    ],
    ['rows that start late', read(rows, '.rows', ints(1, 2, 3)), "a.st: 'w': expected row 0 to start at 0, got 1"],
    ['rows that fall', read(rows, '.rows', ints(0, 4, 3)), "a.st: 'w': expected row 2 to start at 4 or later, got 3"],
    ['rows that end early', read(rows, '.rows', ints(0, 1, 2)), "a.st: 'w': its rows end at 2, but there are 3 values"],
    ['too few rows', read(rows, '.rows', ints(0, 3)), "a.st: 'w': rows: expected int32[3], got int32[2]"],
    [
      'a shape that blows up',
      withFacts(rows, { shape: [2, 2 ** 40] }),
      "a.st: 'w': expected at most 67108864 bytes once dense, got shape [2,1099511627776]",
    ],
    [
      'positions that do not rise',
      read(groups, '.metadata', bytes(0b0101_1101)),
      "a.st: 'w': expected a position above 1 and below 4 in columns 0 to 3 of output 1, got 1",
    ],
    [
      'positions of another size',
      read(groups, '.metadata', bytes(1, 2)),
      "a.st: 'w': metadata: expected uint8[1], got uint8[2]",
    ],
    ['n as large as m', withFacts(groups, { n: 4 }), "a.st: 'w': expected 0 < n < m <= 64, got 4:4"],
    ['other rows', withFacts(groups, { rows: 3 }), "a.st: 'w': its matrices have not the elements of [2,4]"],
    ['another view', withFacts(groups, { view: [9] }), "a.st: 'w': its view [9] has not the elements of [2,4]"],
    [
      'no permutation',
      withFacts(groups, { view: [2, 4], perm: [1, 1] }),
      "a.st: 'w': expected a permutation of 2 axes, got [1,1]",
    ],
    ['an odd segment', withFacts(groups, { segment: 5 }), "a.st: 'w': 4 columns cannot be cut into segments of 5"],
    [
      'a segment that is text',
      withFacts(groups, { segment: '4' }),
      "a.st: 'w': expected n, m, stacks, rows, columns, segment, view and perm to be whole numbers",
    ],
    ['a shape of text', withFacts(groups, { shape: 'x' }), 'a.st: \'w\': expected a shape, got "x"'],
    [
      'an unknown element type',
      withFacts(groups, { dtype: 'float5' }),
      'a.st: \'w\': expected an element type, got "float5"',
    ],
  ])('%s', (_, decode, message) => {
    expect(decode).toThrow(message + end);
  });

  test('positions out of a group whose m is no power of two', () => {
    const three = float32([1, 3], Float32Array.of(0, 1, 0));
    const coded = filed(encodeNm(three, flat(1, 3), { n: 1, m: 3 }, make) as Coded, three);
    expect(read(coded, '.metadata', bytes(3))).toThrow(
      'expected a position above -1 and below 3 in columns 0 to 2 of output 0, got 3',
    );
  });

  test.each<[string, Map<string, string>, string]>([
    [
      'no metadata',
      new Map(),
      "a.st: expected the metadata format 'onnx-scalpel-weights', got none; give a file that scalpel convert wrote",
    ],
    [
      'a later version',
      new Map([...metadataOf([]), ['version', '2']]),
      'a.st: expected version 1 of the format, got "2"; read it with the scalpel that wrote it',
    ],
    [
      'no JSON',
      new Map([...metadataOf([]), ['weights', '[']]),
      `a.st: expected a JSON list as metadata 'weights', got something else${end}`,
    ],
    [
      'an object',
      new Map([...metadataOf([]), ['weights', '{}']]),
      `a.st: expected a JSON list as metadata 'weights', got something else${end}`,
    ],
    [
      'nothing',
      new Map([...metadataOf([]), ['weights', '[null]']]),
      `a.st: expected a name of weight 0, got none${end}`,
    ],
    [
      'no coding',
      new Map([...metadataOf([]), ['weights', '[{"name":"w"}]']]),
      `a.st: 'w': expected a coding, got none${end}`,
    ],
    ['a tensor that is not described', metadataOf([]), `a.st: its metadata do not say what 'w.mask' is${end}`],
    ['a weight twice', metadataOf([masked.entry, masked.entry]), `a.st: 'w': it is described twice${end}`],
    [
      'an unknown coding',
      metadataOf([{ ...masked.entry, coding: 'toString' }]),
      "a.st: 'w': expected a coding of dense, bytes, bitmask, csr, n:m, got 'toString'; read it with the scalpel that wrote it",
    ],
  ])('%s', (_, metadata, message) => {
    expect(() => decodeWeights(masked.tensors, metadata, 'a.st')).toThrow(message);
  });

  test('two weights of one tensor', () => {
    const dense = { name: 'w.mask', coding: 'dense', dtype: 'uint8', shape: [1] } as const;
    expect(() => decodeWeights(masked.tensors, metadataOf([dense, masked.entry]), 'a.st')).toThrow(
      `a.st: 'w': two weights are made of 'w.mask'${end}`,
    );
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
