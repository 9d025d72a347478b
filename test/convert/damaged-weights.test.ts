import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeWeights } from '../../src/convert/stored-weights.js';
import { encodeBitmask } from '../../src/convert/weights/bitmask.js';
import type { Coded } from '../../src/convert/weights/coding.js';
import { encodeCsr } from '../../src/convert/weights/csr.js';
import { metadataOf } from '../../src/convert/weights/entries.js';
import { encodeNm } from '../../src/convert/weights/nm.js';
import { UserError } from '../../src/errors.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/tensor/safetensors.js';
import { float32, memoryPayload, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { filed, flat, make } from './sparse-weights.js';

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

test('mutated files give a reason, or weights that can be read', () => {
  const all = [
    ['bitmask', (t: Tensor) => encodeBitmask(t, make)],
    ['csr', (t: Tensor) => encodeCsr(t, 'auto', make) as Coded],
    ['nm', (t: Tensor) => encodeNm(t, flat(2, 4), { n: 2, m: 4 }, make) as Coded],
  ] as const;
  const weight = float32([2, 4], Float32Array.of(0, 1, 0, 2, 0, 0, 3, 0));
  const parts = new Map<string, Tensor>();
  const entries = all.map(([name, encode]) => {
    const { tensors, entry } = filed(encode(weight), weight);
    for (const [part, t] of tensors) parts.set(part.replace('w', name), t);
    return { ...entry, name };
  });
  const whole = Buffer.concat([...encodeSafetensors(parts, Object.fromEntries(metadataOf(entries)), 'a')]);
  const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
  const digit = fc.record({ at: fc.nat(whole.length - 1), byte: fc.integer({ min: 48, max: 57 }) });
  const outcomes = { refused: 0, read: 0 };
  fc.assert(
    fc.property(fc.array(fc.oneof(change, digit), { minLength: 1, maxLength: 3 }), (changes) => {
      const bytes = Buffer.from(whole);
      for (const { at, byte } of changes) bytes[at] = byte;
      try {
        const { tensors, metadata } = decodeSafetensors(memoryPayload(bytes), 'a');
        const read = decodeWeights(tensors, new Map(Object.entries(metadata)), 'a');
        for (const { payload } of read.values()) expect(payload.read().byteLength).toBe(payload.byteLength);
        outcomes.read++;
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        outcomes.refused++;
      }
    }),
    { seed: 5, numRuns: 5000 },
  );
  expect(outcomes.refused).toBeGreaterThan(1000);
  expect(outcomes.read).toBeGreaterThan(10);
});
