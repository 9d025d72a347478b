/** What a run was asked. It is written once; a resume must ask the same. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors.js';
import { writeWholeSync } from '../files/whole-file.js';

/** Everything that decides the bytes of the result. A resume with another manifest is refused. */
export interface Manifest {
  readonly schemaVersion: 1;
  readonly command: string;
  /** scalpel, Node and ONNX Runtime. */
  readonly versions: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly provider: string;
  readonly threads: number;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  readonly options: Readonly<Record<string, unknown>>;
}

export const manifestName = 'manifest.json';

/**
 * Writes the manifest into `folder`, or compares it with the one that is there; true when it was there.
 * @throws UserError when the run that is there was asked something else.
 */
export function claim(folder: string, manifest: Manifest): boolean {
  const file = join(folder, manifestName);
  if (!existsSync(file)) {
    writeWholeSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
    return false;
  }
  const before = readManifest(file);
  const wanted = JSON.parse(JSON.stringify(manifest)) as Manifest;
  const different = (Object.keys(wanted) as (keyof Manifest)[]).filter(
    (key) => !isDeepStrictEqual(wanted[key], before[key]),
  );
  if (different.length === 0) return true;
  const details = different.map((key) => differenceOf(key, before[key], wanted[key])).join('; ');
  throw new UserError(
    folder,
    `belongs to a run with other settings (${details}); run that command again to resume it, or remove the directory`,
  );
}

function readManifest(file: string): Partial<Manifest> {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isRecord(manifest)) return manifest as Partial<Manifest>;
  } catch {}
  throw new UserError(file, 'expected the JSON manifest of a run, got something else; remove the directory');
}

/** Names what differs one level down where both sides are objects. */
function differenceOf(key: string, before: unknown, now: unknown): string {
  if (isRecord(before) && isRecord(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return keys
      .filter((name) => !isDeepStrictEqual(before[name], now[name]))
      .map((name) => `${name}: ${JSON.stringify(before[name])} then, ${JSON.stringify(now[name])} now`)
      .join(', ');
  }
  return `${key}: ${JSON.stringify(before)} then, ${JSON.stringify(now)} now`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
