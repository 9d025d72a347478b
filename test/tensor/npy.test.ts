import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeNpy, encodeNpy, loadNpy, saveNpy } from '../../src/tensor/npy.js';
import { dataOf, memoryPayload, type Tensor } from '../../src/tensor/tensor.js';
import { anyTensor, plain } from './any-tensor.js';

const folder = mkdtempSync(join(tmpdir(), 'npy-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A .npy file with any header text. */
function npy(header: string, data: ArrayLike<number> = [], version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const size = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    version,
    0,
    ...size,
    ...text,
    ...Array.from(data),
  ]);
}

const decode = (bytes: Uint8Array) => decodeNpy(memoryPayload(bytes), 'a.npy');

describe('npy', () => {
  test('reads what it wrote, from memory and from a file', () => {
    fc.assert(
      fc.property(anyTensor, (t) => {
        expect(plain(decode(encodeNpy(t)))).toEqual(plain(t));
      }),
      { seed: 1, numRuns: 200 },
    );
    const path = join(folder, 'a.npy');
    const t: Tensor = {
      dtype: 'int16',
      shape: [2, 3],
      payload: memoryPayload(Uint8Array.from({ length: 12 }, (_, i) => i)),
    };
    saveNpy(path, t);
    expect(plain(loadNpy(path))).toEqual(plain(t));
    expect(loadNpy(path).payload.file).toEqual({ path, offset: 128, length: 12 });
    expect([...loadNpy(path).payload.read(4, 2)]).toEqual([4, 5]);
  });

  test.each([1, 2, 3])('reads version %d headers', (version) => {
    const bytes = npy("{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }", [7, 0, 0, 0], version);
    expect([...(dataOf(decode(bytes)) as Int32Array)]).toEqual([7]);
  });

  test('accepts keys in any order, double quotes, long integers and the native byte order', () => {
    const bytes = npy('{"shape": (2L, 1L), "fortran_order": False, "descr": "=i2"}\n', [1, 0, 2, 0]);
    expect(decode(bytes).shape).toEqual([2, 1]);
  });

  test('swaps big-endian elements', () => {
    const bytes = npy("{'descr': '>i4', 'fortran_order': False, 'shape': (2,)}", [0, 0, 1, 2, 255, 255, 255, 255]);
    expect([...(dataOf(decode(bytes)) as Int32Array)]).toEqual([258, -1]);
  });

  test('transposes arrays in Fortran order', () => {
    const stored = [0, 3, 1, 4, 2, 5];
    const bytes = npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}", stored);
    expect([...(dataOf(decode(bytes)) as Uint8Array)]).toEqual([0, 1, 2, 3, 4, 5]);
    const cube = npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 1, 2)}", [0, 2, 1, 3]);
    expect([...(dataOf(decode(cube)) as Uint8Array)]).toEqual([0, 1, 2, 3]);
  });

  test.each([
    [
      'other content',
      new TextEncoder().encode('not an array'),
      'a.npy: expected a .npy file, got other content; write it with numpy.save',
    ],
    ['nothing', new Uint8Array(0), 'a.npy: expected a .npy file, got other content; write it with numpy.save'],
    ['a future version', npy('{}', [], 4), 'a.npy: expected .npy version 1, 2 or 3, got 4'],
    [
      'objects',
      npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"),
      'a.npy: expected an array of numbers, got Python objects; convert it to a numeric type and save it again',
    ],
    [
      'records',
      npy("{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (1,)}"),
      /got '\[\('a', '<f4'\)/,
    ],
    ['text', npy("{'descr': '<U5', 'fortran_order': False, 'shape': (1,)}"), /expected an element type of f2, f4/],
    [
      'a shape that is negative',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"),
      "a.npy: expected a shape of whole numbers, got '(-1,)'",
    ],
    [
      'a shape beyond counting',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}"),
      /expected a shape of whole numbers/,
    ],
    [
      'too few bytes',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", [0, 0, 0, 0]),
      'a.npy: expected 8 bytes of data for float32[2], got 4',
    ],
    [
      'too many bytes',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", [0, 0, 0, 0, 0]),
      'a.npy: expected 4 bytes of data for float32[], got 5',
    ],
    ['a missing key', npy("{'descr': '<f4', 'shape': ()}"), /expected the keys descr, fortran_order and shape/],
    [
      'another key',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': __import__('os')}"),
      /expected the keys descr/,
    ],
    [
      'a header longer than the file',
      encodeNpy({ dtype: 'int8', shape: [], payload: memoryPayload(new Uint8Array(1)) }).subarray(0, 60),
      'a.npy: expected a .npy header, got one of 118 bytes in a file of 60',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(message);
  });

  test('refuses a file that is missing or a folder', () => {
    expect(() => loadNpy(join(folder, 'none.npy'))).toThrow('none.npy: no such file');
    expect(() => loadNpy(folder)).toThrow('expected a file, got something else');
  });

  test('refuses to write types that NumPy lacks', () => {
    const t: Tensor = { dtype: 'bfloat16', shape: [1], payload: memoryPayload(new Uint8Array(2)) };
    expect(() => encodeNpy(t)).toThrow(/^npy: expected one of float16, .*, got bfloat16$/);
  });

  test('says so when the file shrinks after it was opened', () => {
    const path = join(folder, 'shrinks.npy');
    saveNpy(path, { dtype: 'int8', shape: [8], payload: memoryPayload(new Uint8Array(8)) });
    const opened = loadNpy(path);
    writeFileSync(path, 'x');
    expect(() => opened.payload.read()).toThrow('the file shrank');
  });
});
