/** Prints files and lines per folder, and names every file of 300 lines or more. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const limit = 300;

const folders = new Map();
const long = [];
for (const top of ['bin', 'src', 'scripts', 'test']) {
  for (const entry of readdirSync(join(root, top), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(ts|mjs|js)$/.test(entry.name)) continue;
    const path = relative(root, join(entry.parentPath ?? entry.path, entry.name));
    const lines = readFileSync(join(root, path), 'utf8').split('\n').length - 1;
    const folder = folders.get(dirname(path)) ?? { files: 0, lines: 0 };
    folders.set(dirname(path), { files: folder.files + 1, lines: folder.lines + lines });
    if (lines >= limit) long.push(`${path} (${lines})`);
  }
}

let total = 0;
for (const [folder, { files, lines }] of [...folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`${folder.padEnd(28)}${String(files).padStart(5)} files${String(lines).padStart(8)} lines`);
  total += lines;
}
console.log(`${'total'.padEnd(39)}${String(total).padStart(8)} lines`);
for (const file of long) console.log(`expected fewer than ${limit} lines: ${file}`);
process.exitCode = long.length > 0 ? 1 : 0;
