/** Looks for a shared library before the runtime does, whose own attempt writes to the terminal. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** True when the loader's search path and cache are known and hold no such library; only Linux tells. */
export function isLibraryMissing(name: string): boolean {
  if (process.platform !== 'linux') return false;
  const folders = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== '');
  if (folders.some((folder) => existsSync(join(folder, name)))) return false;
  try {
    // the cache is binary, with the names as they are
    return !readFileSync('/etc/ld.so.cache').includes(`${name}\0`);
  } catch {
    return false;
  }
}
