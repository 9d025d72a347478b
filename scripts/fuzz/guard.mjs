/**
 * Watches what code does with an input: the largest piece of memory it asks for, and files it writes outside its folder.
 * Installed before the code is imported, as modules keep what they import.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';

const typedArrays = [
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
];

/** More than this is not even tried: the machine has other things to do. */
const mostBytes = 2 ** 30;

/** @param allocations whether arrays are watched: codecs in WebAssembly do not go on under it. */
export function installGuard(folder, { allocations }) {
  const seen = { largest: 0, outside: [] };
  const note = (bytes) => {
    if (!(bytes > seen.largest)) return;
    seen.largest = bytes;
    if (bytes > mostBytes) throw new Error(`fuzz: an array of ${bytes} bytes was asked for`);
  };
  for (const name of allocations ? typedArrays : [])
    watch(name, (first, { BYTES_PER_ELEMENT: width }) => note(lengthOf(first) * width));
  if (allocations) watch('ArrayBuffer', (first) => note(first));
  watchWrites(folder, seen);
  return {
    begin() {
      seen.largest = 0;
      seen.outside = [];
    },
    seen,
  };
}

const lengthOf = (first) => (typeof first === 'number' ? first : ArrayBuffer.isView(first) ? first.length : 0);

function watch(name, look) {
  const original = globalThis[name];
  globalThis[name] = new Proxy(original, {
    construct(target, args, newTarget) {
      look(args[0], target);
      return Reflect.construct(target, args, newTarget === globalThis[name] ? target : newTarget);
    },
  });
}

function watchWrites(folder, seen) {
  const check = (path) => {
    if (typeof path !== 'string') return;
    const full = resolve(path);
    if (!full.startsWith(folder + sep) && full !== folder) seen.outside.push(full);
  };
  const isWriting = (flags) => (typeof flags === 'string' ? /[wax+]/.test(flags) : ((flags ?? 0) & 0x3) !== 0);
  const wrap = (where, name, paths) => {
    const original = where[name];
    where[name] = function (...args) {
      for (const path of paths(args)) check(path);
      return original.apply(this, args);
    };
  };
  const first = (args) => [args[0]];
  for (const where of [fs, fs.promises]) {
    const suffix = where === fs ? 'Sync' : '';
    wrap(where, `open${suffix}`, (args) => (isWriting(args[1]) ? [args[0]] : []));
    for (const name of ['mkdir', 'writeFile', 'rm', 'unlink', 'truncate', 'chmod'])
      wrap(where, `${name}${suffix}`, first);
    for (const name of ['rename', 'copyFile']) wrap(where, `${name}${suffix}`, (args) => [args[1]]);
  }
  syncBuiltinESMExports();
}
