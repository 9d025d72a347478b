import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  loadSafetensors,
  saveSafetensors,
} from '../../src/tensor/safetensors.js';
import { dataOf, float32, int64, memoryPayload, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { anyTensor, plain } from './any-tensor.js';

interface Entry {
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

const folder = mkdtempSync(join(tmpdir(), 'scalpel-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

const tensors = new Map<string, Tensor>([
  ['mask', tensor('uint8', [5], Uint8Array.of(1, 0, 1, 1, 0))],
  ['h.0/weight', float32([2, 3], Float32Array.of(1, -0, 3, Number.NaN, 5, 6))],
  ['half', tensor('bfloat16', [3], Uint16Array.of(1, 2, 3))],
  ['empty', float32([0, 4], new Float32Array(0))],
  ['scalar', int64([], [7n])],
  ['__proto__', tensor('float64', [1], Float64Array.of(2))],
]);

describe('round trip', () => {
  test('keeps names, types, shapes, bits and metadata', async () => {
    await saveSafetensors(path('a'), tensors, { step: '3' });
    const { tensors: read, metadata } = loadSafetensors(path('a'));
    expect(metadata).toEqual({ step: '3' });
    expect([...read.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, { dtype, shape, payload }] of tensors) {
      const found = read.get(name)!;
      expect([found.dtype, found.shape]).toEqual([dtype, shape]);
      expect(found.payload.read()).toEqual(new Uint8Array(payload.read()));
      // aligned, so that a runtime can map it
      expect(found.payload.file!.offset % dataOf(found).BYTES_PER_ELEMENT).toBe(0);
    }
  });

  test('leaves one file, the same bytes each time, and replaces what was there', async () => {
    await saveSafetensors(path('b'), tensors);
    const before = readFileSync(path('b'));
    await saveSafetensors(path('b'), new Map([...tensors].reverse()));
    expect(readFileSync(path('b'))).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  test('a failed write leaves the old file and nothing else', async () => {
    await saveSafetensors(path('c'), tensors);
    const before = readFileSync(path('c'));
    const broken: Tensor = {
      dtype: 'uint8',
      shape: [1],
      payload: {
        byteLength: 1,
        read: () => {
          throw new Error('gone');
        },
      },
    };
    await expect(saveSafetensors(path('c'), new Map([['x', broken]]))).rejects.toThrow('gone');
    expect(readFileSync(path('c'))).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  const anyFile = fc.record({
    tensors: fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), anyTensor), {
      selector: ([name]) => name,
      maxLength: 5,
    }),
    metadata: fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), { maxKeys: 3 }),
  });
  const encoded = (list: readonly [string, Tensor][], metadata: Record<string, string>): Buffer =>
    Buffer.concat([...encodeSafetensors(new Map(list), metadata, 'a')]);

  test('any names, types, shapes and texts, which a reader of the specification sees too', () => {
    fc.assert(
      fc.property(anyFile, ({ tensors: list, metadata }) => {
        const bytes = encoded(list, metadata);
        const read = decodeSafetensors(memoryPayload(bytes), 'a');
        expect(new Map([...read.tensors].map(([name, t]) => [name, plain(t)]))).toEqual(
          new Map(list.map(([name, t]) => [name, plain(t)])),
        );
        expect({ ...read.metadata }).toEqual({ ...metadata });
        const start = 8 + Number(bytes.readBigUInt64LE(0));
        expect([start % 8, bytes.toString('latin1', 8, 9)]).toEqual([0, '{']);
        const { __metadata__: _, ...header } = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, Entry>;
        for (const [name, { shape, payload }] of list) {
          const entry = header[name]!;
          const [from, to] = entry.data_offsets;
          expect(entry.shape).toEqual(shape);
          expect(bytes.subarray(start + from, start + to).equals(payload.read())).toBe(true);
        }
        const ends = Object.values(header).map((entry) => entry.data_offsets[1]);
        expect(start + Math.max(0, ...ends)).toBe(bytes.length);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  test('mutated bytes give a reason, or tensors that can be read', () => {
    const change = fc.record({ at: fc.nat(400), byte: fc.nat(255), cut: fc.option(fc.nat(400), { freq: 4 }) });
    fc.assert(
      fc.property(anyFile, fc.array(change, { minLength: 1, maxLength: 4 }), ({ tensors: list, metadata }, changes) => {
        let bytes = encoded(list, metadata);
        for (const { at, byte, cut } of changes) {
          if (cut !== null) bytes = bytes.subarray(0, cut);
          if (at < bytes.length) bytes[at] = byte;
        }
        try {
          const read = decodeSafetensors(memoryPayload(bytes), 'a');
          for (const t of read.tensors.values()) expect(dataOf(t).byteLength).toBe(t.payload.byteLength);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { seed: 4, numRuns: 1000 },
    );
  });

  test('refuses types without a name', async () => {
    const packed = new Map([['q', tensor('int4', [2], Uint8Array.of(0x21))]]);
    await expect(saveSafetensors(path('d'), packed)).rejects.toThrow(
      `${path('d')}: 'q': int4 has no name in safetensors; store its bytes as uint8`,
    );
  });
});

describe('refuses', () => {
  const file = (header: unknown, data = 8, length?: bigint): string => {
    const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
    const bytes = new Uint8Array(8 + json.length + data);
    new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
    bytes.set(json, 8);
    writeFileSync(path('hostile'), bytes);
    return path('hostile');
  };
  const entry = (from: number, to: number, shape = [(to - from) / 4], dtype = 'F32') => ({
    dtype,
    shape,
    data_offsets: [from, to],
  });
  const cases: [string, () => string, RegExp][] = [
    [
      'a header longer than the file',
      () => file({}, 0, 2n ** 63n),
      /got a header length of 9223372036854775808 in 10 bytes/,
    ],
    ['a header longer than any', () => file({}, 200, 100_000_001n), /got a header length of 100000001 in 210 bytes/],
    ['no header', () => file('', 0), /expected a JSON header, got none/],
    ['space before the header', () => file(' {}', 0), /expected a JSON object as header/],
    ['a byte order mark', () => file('\ufeff{}', 0), /expected a JSON header, got none/],
    [
      'a name twice',
      () =>
        file(
          '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\\u0061":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
        ),
      /its header has 'a' twice in one object; write the file again/,
    ],
    [
      'a field twice',
      () => file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"shape" : [1,2]}}'),
      /its header has 'shape' twice in one object/,
    ],
    [
      'a text twice',
      () => file('{"__metadata__":{"b":"{\\"b\\":1}","b":""},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'),
      /its header has 'b' twice in one object/,
    ],
    ['bad JSON', () => file('{"a": '), /expected a JSON header, got none/],
    ['bad UTF-8', () => file('{"\ud800": 1}'.replace('\ud800', '\u0001')), /expected a JSON header, got none/],
    ['a list', () => file([]), /expected a JSON object as header/],
    [
      'overlapping ranges',
      () => file({ a: entry(0, 8), b: entry(4, 8) }),
      /'b': expected data at offset 8, got 4; ranges overlap/,
    ],
    ['gaps', () => file({ a: entry(4, 8) }), /'a': expected data at offset 0, got 4; ranges overlap or leave a gap/],
    ['data beyond the file', () => file({ a: entry(0, 16) }), /'a': data ends 8 bytes after the file/],
    ['a tail', () => file({ a: entry(0, 4) }), /the file is incomplete or has a tail/],
    [
      'a size that is not the shape',
      () => file({ a: entry(0, 8, [3]) }),
      /'a': expected 12 bytes for float32\[3\], got 8/,
    ],
    [
      'ranges that run backwards',
      () => file({ a: entry(8, 0, [2]) }),
      /'a': expected data_offsets \[from, to\], got \[8,0\]/,
    ],
    ['huge shapes', () => file({ a: entry(0, 8, [2 ** 40, 2 ** 40]) }), /'a': expected a shape/],
    ['negative sizes', () => file({ a: entry(0, 8, [-1, -2]) }), /'a': expected a shape, got \[-1,-2\]/],
    ['unknown types', () => file({ a: entry(0, 8, [2], 'F31') }), /'a': expected a dtype of .*, got "F31"/],
    ['an entry that is no object', () => file({ a: null }), /'a': expected a dtype of/],
    [
      'metadata that is no text',
      () => file({ __metadata__: { a: 1 }, a: entry(0, 8) }),
      /expected texts as __metadata__/,
    ],
  ];
  test.each(cases)('%s', (_, make, message) => {
    expect(() => loadSafetensors(make())).toThrow(message);
  });

  test('short files', () => {
    writeFileSync(path('short'), 'abc');
    expect(() => loadSafetensors(path('short'))).toThrow(`${path('short')}: expected a safetensors file, got 3 bytes`);
  });
});
