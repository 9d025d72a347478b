/** A run directory: what a long command was asked (manifest), what it has finished (checkpoints) and what it said (log). */
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors.js';
import { dataTypes } from '../tensor/dtype.js';
import { loadSafetensors, saveSafetensors } from '../tensor/safetensors.js';
import type { Tensor } from '../tensor/tensor.js';
import { makeFolder, writeError } from './folder.js';

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

/** One finished step: its tensors, read when asked for, and plain facts. */
export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly facts: unknown;
}

export class RunDirectory {
  private constructor(
    readonly path: string,
    /** True when a manifest was already there: the same command was started before. */
    readonly resumed: boolean,
  ) {}

  /**
   * Creates the directory, or opens it again for the same command.
   * @throws UserError when another process holds it, when it belongs to other options, files or versions, or when it is a
   * folder with anything else in it.
   */
  static open(path: string, manifest: Manifest): RunDirectory {
    makeFolder(path);
    checkContents(path);
    lock(path);
    try {
      return new RunDirectory(path, claim(path, manifest));
    } catch (error) {
      unlock(path);
      throw error;
    }
  }

  /** The finished step of that name, or undefined. */
  checkpoint(name: string): Checkpoint | undefined {
    const facts = join(this.path, `${name}.json`);
    if (!existsSync(facts)) return undefined;
    const tensors = join(this.path, `${name}.safetensors`);
    return { tensors: loadTensors(tensors), facts: JSON.parse(readFileSync(facts, 'utf8')) };
  }

  /** Writes a step whole: the facts come last, so a step without them was never finished. */
  async write(name: string, tensors: ReadonlyMap<string, Tensor>, facts: unknown): Promise<Checkpoint> {
    try {
      await saveTensors(join(this.path, `${name}.safetensors`), tensors);
      writeWhole(join(this.path, `${name}.json`), JSON.stringify(facts));
    } catch (error) {
      throw writeError(this.path, error);
    }
    return this.checkpoint(name) as Checkpoint;
  }

  /** True when a step is finished: the run can go on from it. */
  get hasCheckpoints(): boolean {
    return readdirSync(this.path).some((name) => name.endsWith('.safetensors'));
  }

  log(text: string): void {
    appendFileSync(join(this.path, 'log.txt'), `${new Date().toISOString()} ${text}\n`);
  }

  /** Lets go of the directory, and removes it unless it is to be kept. */
  close(keep: boolean): void {
    if (keep) unlock(this.path);
    else rmSync(this.path, { recursive: true, force: true });
  }
}

/** Types of less than a byte have no name in safetensors: their bytes are stored, and the metadata says what they are. */
function saveTensors(path: string, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
  const packed = [...tensors].filter(([, { dtype }]) => dataTypes[dtype].bits < 8);
  const bytes = packed.map(([name, { payload }]): [string, Tensor] => [
    name,
    { dtype: 'uint8', shape: [payload.byteLength], payload },
  ]);
  const types = packed.map(([name, { dtype, shape }]) => [name, { dtype, shape }] as const);
  const metadata = packed.length > 0 ? { packed: JSON.stringify(Object.fromEntries(types)) } : {};
  return saveSafetensors(path, new Map([...tensors, ...bytes]), metadata);
}

function loadTensors(path: string): ReadonlyMap<string, Tensor> {
  const { tensors, metadata } = loadSafetensors(path);
  const packed = JSON.parse(metadata.packed ?? '{}') as Record<string, Pick<Tensor, 'dtype' | 'shape'>>;
  return new Map([...tensors].map(([name, t]) => [name, { ...t, ...packed[name] }]));
}

/** A run directory is removed when its run is done: somebody's own files must not be in it. */
function checkContents(path: string): void {
  const names = readdirSync(path);
  const stranger = names.find((name) => name !== 'lock' && name !== 'log.txt' && !name.endsWith('.tmp'));
  if (stranger === undefined || names.includes('manifest.json')) return;
  throw new UserError(
    path,
    `expected a run directory or an empty folder, got one with '${stranger}'; choose another with --run`,
  );
}

/** Writes the manifest, or compares it with the one that is there; true when it was there. */
function claim(path: string, manifest: Manifest): boolean {
  const file = join(path, 'manifest.json');
  if (!existsSync(file)) {
    writeWhole(file, `${JSON.stringify(manifest, null, 2)}\n`);
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
    path,
    `belongs to a run with other settings (${details}); run that command again to resume it, or remove the directory`,
  );
}

function readManifest(file: string): Partial<Manifest> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Manifest>;
  } catch (cause) {
    throw new UserError(file, 'expected the JSON manifest of a run, got something else; remove the directory', {
      cause,
    });
  }
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

function lock(path: string): void {
  const file = join(path, 'lock');
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx');
      writeFileSync(descriptor, String(process.pid));
      closeSync(descriptor);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(file, 'utf8'));
      if (isAlive(holder)) {
        throw new UserError(
          path,
          `process ${holder} is working in this run directory; wait for it, or choose another with --run`,
        );
      }
      rmSync(file, { force: true });
    }
  }
}

const unlock = (path: string): void => rmSync(join(path, 'lock'), { force: true });

/** Signal 0 only asks whether the process is there. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
