import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSafetensors, saveSafetensors } from '../../src/tensor/safetensors.js';
import { dataOf, float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';

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
