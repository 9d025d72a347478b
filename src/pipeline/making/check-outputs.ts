/** Looks at where a command will write before anything is computed: a mistake there must not cost the run. */
import { existsSync, type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../../errors.js';
import { checkFolder } from '../../files/folder.js';
import { hashFile } from '../../files/hash.js';
import type { OutputRequest } from '../prune/request.js';

/** A file that an earlier start of the same run was about to give its name. */
export interface OwnFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface OutputFiles {
  readonly outputs: readonly string[];
  /** What the command reads: never overwritten, with or without `force`. */
  readonly inputs: readonly string[];
  readonly force: boolean;
  /** These may be replaced as long as they are what the run made. */
  readonly own?: readonly OwnFile[];
}

/** @throws UserError when two places are one, or a folder cannot be had. */
export function checkPlaces({ model, report, run }: OutputRequest): void {
  checkDistinct([
    ['--output', model],
    ['--report', report],
    ['--run', run],
  ]);
  for (const folder of [dirname(model), report, run]) checkFolder(folder);
}

export const reportFiles = ({ report }: OutputRequest): string[] =>
  ['report.json', 'report.html'].map((name) => join(report, name));

/** @throws UserError when an output is taken, is an input, or is no file. */
export async function checkFiles({ outputs, inputs, force, own = [] }: OutputFiles): Promise<void> {
  const read = inputs.flatMap((path) => statSync(path, { throwIfNoEntry: false }) ?? []);
  for (const path of outputs) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) continue;
    checkKind(path, found);
    if (read.some((input) => input.ino === found.ino && input.dev === found.dev)) {
      throw new UserError(path, 'is a file that the command reads, and is never overwritten; choose another --output');
    }
    if (force || (await isOwn(path, found.size, own))) continue;
    throw new UserError(path, 'already exists; add --force to replace it, or choose another --output');
  }
}

/** Those outputs that may be replaced because the run made them. */
export const ownAmong = (outputs: readonly string[], own: readonly OwnFile[]): string[] =>
  outputs.filter((path) => own.some((file) => file.path === resolve(path)));

function checkKind(path: string, found: Stats): void {
  if (found.isFile()) return;
  const kind = found.isDirectory() ? 'folder' : 'device';
  const advice = found.isDirectory() ? 'name a file in it, or another' : 'name a file';
  throw new UserError(path, `expected the name of a file, got a ${kind}; ${advice}`);
}

async function isOwn(path: string, size: number, own: readonly OwnFile[]): Promise<boolean> {
  const known = own.filter((file) => file.path === resolve(path) && file.bytes === size);
  if (known.length === 0) return false;
  const sha256 = await hashFile(path);
  return known.some((file) => file.sha256 === sha256);
}

function checkDistinct(places: readonly (readonly [option: string, path: string])[]): void {
  for (const [i, [option, path]] of places.entries()) {
    const same = places.slice(0, i).find(([, other]) => resolve(other) === resolve(path));
    if (same)
      throw new UserError('prune', `${option} expected another place than ${same[0]}, got '${path}'; change one`);
  }
}

/** @throws UserError when an output has appeared since the check. */
export function assertStillFree({ outputs, force, own = [] }: Omit<OutputFiles, 'inputs'>): void {
  const known = ownAmong(outputs, own);
  const taken = outputs.find((path) => !force && !known.includes(path) && existsSync(path));
  if (taken === undefined) return;
  throw new UserError(taken, 'was made by somebody else during the run; add --force to replace it, or move it away');
}
