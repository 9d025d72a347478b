import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { decodeNpz, encodeNpz, loadNpz, saveNpz } from '../../src/tensor/npz.js';
import { float32, memoryPayload, type Tensor } from '../../src/tensor/tensor.js';
import { shared } from '../helpers/shared.js';
import { anyTensor, plain } from './any-tensor.js';

const folder = mkdtempSync(join(tmpdir(), 'npz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const decode = (bytes: Uint8Array) => decodeNpz(memoryPayload(bytes), 'a.npz');
const zeros = (count: number): Tensor => float32([count], new Float32Array(count));

/** The archive with a number written into the record that starts with the signature. */
function patched(archive: Uint8Array, signature: number, at: number, bytes: 2 | 4, value: number): Uint8Array {
  const copy = archive.slice();
  const view = new DataView(copy.buffer);
  for (let i = copy.length - 22; i >= 0; i--) {
    if (view.getUint32(i, true) !== signature) continue;
    if (bytes === 2) view.setUint16(i + at, value, true);
    else view.setUint32(i + at, value, true);
    return copy;
  }
  throw new Error('no such record');
}

const central = 0x02014b50;
const end = 0x06054b50;

describe('npz', () => {
  test.each([false, true])('reads what it wrote (compressed: %s)', (compress) => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z/]{1,8}$/), anyTensor, { maxKeys: 4 }), (arrays) => {
        const wanted = new Map(Object.entries(arrays));
        const read = decode(encodeNpz(wanted, { compress }));
        expect([...read].map(([name, t]) => [name, plain(t)])).toEqual(
          [...wanted].map(([name, t]) => [name, plain(t)]),
        );
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('leaves stored arrays in the file and writes the same bytes for the same arrays', () => {
    const path = join(folder, 'a.npz');
    const arrays = new Map([['grad/w', float32([2], Float32Array.of(1, 2))]]);
    saveNpz(path, arrays);
    const { payload } = loadNpz(path).get('grad/w')!;
    expect(payload.file?.path).toBe(path);
    expect([...payload.read(4, 4)]).toEqual([0, 0, 0, 64]);
    expect(encodeNpz(arrays)).toEqual(encodeNpz(arrays));
  });

  const fromNumPy = shared('fixtures/gradients/encoder/inputs.npz');
  test.skipIf(!fromNumPy)('reads archives that NumPy wrote', () => {
    expect([...loadNpz(fromNumPy!).keys()]).toEqual(['input', 'target']);
  });

  const stored = encodeNpz(new Map([['x', zeros(64)]]));
  const deflated = encodeNpz(new Map([['x', zeros(64)]]), { compress: true });

  test.each([
    [
      'other content',
      new Uint8Array(100),
      'a.npz: expected a zip archive, got other content or a truncated one; write it with numpy.savez',
    ],
    ['a truncated archive', stored.subarray(0, stored.length - 1), /^a.npz: expected a zip archive/],
    [
      'a directory outside the file',
      patched(stored, end, 16, 4, 2 ** 30),
      'a.npz: the archive is damaged: its directory lies outside the file',
    ],
    [
      'more entries than there are',
      patched(stored, end, 10, 2, 2),
      'a.npz: the archive is damaged: entry 1 is missing',
    ],
    [
      'zip64',
      patched(stored, end, 16, 4, 0xffffffff),
      'a.npz: zip64 archives are not read; save the arrays as separate .npy files',
    ],
    ['zip64 sizes', patched(stored, central, 24, 4, 0xffffffff), /zip64/],
    [
      'encryption',
      patched(stored, central, 8, 2, 1),
      "a.npz: 'x.npy' is encrypted; write the archive without a password",
    ],
    [
      'another compression',
      patched(stored, central, 10, 2, 12),
      "a.npz: expected 'x.npy' stored or deflated, got compression method 12",
    ],
    [
      'an entry outside the file',
      patched(stored, central, 42, 4, 2 ** 30),
      "a.npz: the archive is damaged: 'x.npy' lies outside the file",
    ],
    [
      'two sizes of a stored entry',
      patched(stored, central, 24, 4, 1),
      "a.npz: the archive is damaged: 'x.npy' is stored, but declares two sizes",
    ],
    [
      'a declared size beyond what deflate can do',
      patched(deflated, central, 24, 4, 2 ** 30),
      /^a.npz: 'x.npy' declares 1073741824 bytes from \d+; store it uncompressed$/,
    ],
    [
      'more than 2 GiB in all',
      patched(deflated, central, 24, 4, 2 ** 31),
      /expected at most 2147483647 bytes when inflated/,
    ],
    [
      'an entry larger than declared',
      patched(deflated, central, 24, 4, 200),
      "a.npz: the archive is damaged: 'x.npy' does not inflate to its declared 200 bytes; write it again",
    ],
    [
      'an entry smaller than declared',
      patched(deflated, central, 24, 4, 385),
      "a.npz: expected 385 bytes in 'x.npy', got 384",
    ],
    [
      'a wrong checksum',
      patched(deflated, central, 16, 4, 1),
      "a.npz: the archive is damaged: 'x.npy' fails its checksum",
    ],
    ['other files', zipSync({ 'x.txt': new Uint8Array(1) }), "a.npz: expected only .npy entries, got 'x.txt'"],
    [
      'entries that are no arrays',
      zipSync({ 'x.npy': new Uint8Array(1) }),
      'a.npz: x.npy: expected a .npy file, got other content; write it with numpy.save',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(message);
  });

  test('gives a reason, never a crash, for archives damaged anywhere', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(stored, deflated),
        fc.nat(2000),
        fc.nat(255),
        fc.boolean(),
        (archive, at, byte, cuts) => {
          const damaged = cuts ? archive.slice(0, at % archive.length) : archive.slice();
          if (!cuts) damaged[at % archive.length] = byte;
          try {
            for (const { payload } of decode(damaged).values()) payload.read();
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
          }
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });

  test('names the file', () => {
    const path = join(folder, 'broken.npz');
    writeFileSync(path, 'PK');
    expect(() => loadNpz(path)).toThrow(`${path}: expected a zip archive`);
  });
});
