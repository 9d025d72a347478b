/** NumPy's .npz files: named arrays in a zip archive, stored or deflated. */
import { type Zippable, zipSync } from 'fflate';
import { UserError } from '../errors.js';
import { writeWholeSync } from '../files/whole-file.js';
import { filePayload } from './file-payload.js';
import { decodeNpy, encodeNpy } from './npy.js';
import type { Payload, Tensor } from './tensor.js';
import { readZip } from './zip.js';

/**
 * The arrays of a .npz file by name (without `.npy`), in order. Stored ones stay in the file; deflated ones are inflated here, and
 * bounded by what the archive declares.
 * @throws UserError naming the file, and the array where one is at fault.
 */
export const loadNpz = (path: string): Map<string, Tensor> => decodeNpz(filePayload(path), path);

/** As `loadNpz`, from bytes. */
export function decodeNpz(archive: Payload, where: string): Map<string, Tensor> {
  const arrays = new Map<string, Tensor>();
  for (const { name, payload } of readZip(archive, where)) {
    if (!name.endsWith('.npy'))
      throw new UserError(where, `expected only .npy entries, got '${name}'; write it with numpy.savez`);
    arrays.set(name.slice(0, -'.npy'.length), decodeNpy(payload, `${where}: ${name}`));
  }
  return arrays;
}

/**
 * A .npz archive of the arrays; the same arrays give the same bytes.
 * @throws UserError for element types that NumPy has no code for.
 */
export function encodeNpz(arrays: ReadonlyMap<string, Tensor>, options: { compress?: boolean } = {}): Uint8Array {
  const entries: Zippable = {};
  for (const [name, array] of arrays) entries[`${name}.npy`] = encodeNpy(array);
  return zipSync(entries, { level: options.compress ? 6 : 0, mtime: earliestZipTime });
}

export const saveNpz = (path: string, arrays: ReadonlyMap<string, Tensor>, options?: { compress?: boolean }): void =>
  writeWholeSync(path, encodeNpz(arrays, options));

const earliestZipTime = new Date(1980, 0, 1);
