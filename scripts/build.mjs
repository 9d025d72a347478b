/** Compiles src to dist when any source differs from what dist was built from. Prints one line when it builds. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.sources');

const sources = fingerprint();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== sources) build();

function build() {
  console.error('build: compiling src to dist');
  // compiled beside dist and swapped in, so that nobody ever sees half a build
  const fresh = `${dist}-${process.pid}`;
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.json'), '--outDir', fresh], {
    stdio: ['ignore', 2, 2],
  });
  if (!existsSync(fresh)) {
    console.error('build: the compiler wrote nothing; see its messages above');
    process.exit(1);
  }
  // type errors do not stop a run (npm run check does), but such a build is never taken for up to date
  if (status === 0) writeFileSync(join(fresh, '.sources'), sources);
  const old = `${fresh}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

/** A hash of every source's path and content, and of the compiler's settings. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  for (const file of [...files, join(root, 'tsconfig.json')]) hash.update(file).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}
