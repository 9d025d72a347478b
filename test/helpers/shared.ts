/** Finds the shared models and data sets: `SCALPEL_SHARED`, else `../shared` beside the project. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));

/** The path of a shared file, or undefined (with the reason printed) where it is absent. */
export function shared(path: string): string | undefined {
  const full = join(folder, path);
  if (existsSync(full)) return full;
  console.warn(`skipped: ${path} is not in ${folder}; set SCALPEL_SHARED`);
  return undefined;
}
