/** A run directory: what a long command was asked (manifest), what it has finished (checkpoints) and what it said (log). */
import { appendFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { makeFolder } from '../files/folder.js';
import { writeError } from '../files/system-error.js';
import { isTemporary, removeLeftovers, temporaryBeside } from '../files/temporary.js';
import type { Tensor } from '../tensor/tensor.js';
import {
  type Checkpoint,
  checkCheckpoint,
  isCheckpoint,
  readCheckpoint,
  readFacts,
  removeCheckpoint,
  writeCheckpoint,
} from './checkpoint.js';
import { isLock, Lock, ParentsLock } from './lock.js';
import { claim, type Manifest, manifestName } from './manifest.js';

export type { Checkpoint } from './checkpoint.js';
export type { Manifest } from './manifest.js';

export interface RunHooks {
  /** Called before a step is kept; throws when it must not be. */
  beforeWrite?(): Promise<void>;
  /** Told about steps that are done again because their files are damaged. */
  warn?(text: string): void;
}

/** What a job does with a run directory; one that must write nothing has these in memory. */
export type Steps = Pick<RunDirectory, 'path' | 'checkpoint' | 'finished' | 'write' | 'remove' | 'remember' | 'log'>;

export class RunDirectory {
  /** Steps whose bytes this process wrote or has checked. */
  readonly #trusted = new Set<string>();

  private constructor(
    readonly path: string,
    /** True when a manifest was already there: the same command was started before. */
    readonly resumed: boolean,
    private readonly lock: Pick<Lock, 'isHeld' | 'assertHeld' | 'release'>,
    private readonly hooks: RunHooks,
  ) {}

  /**
   * Creates the directory, or opens it again for the same command.
   * @throws UserError when another process holds it, when it belongs to other options, files or versions, or when it is a
   * folder with anything else in it.
   */
  static async open(path: string, manifest: Manifest, hooks: RunHooks = {}): Promise<RunDirectory> {
    makeFolder(path);
    // what a kill left of the removal of an earlier run
    removeLeftovers(dirname(resolve(path)));
    checkContents(path);
    const lock = await Lock.take(path);
    try {
      clearScratch(path);
      return new RunDirectory(path, claim(path, manifest), lock, hooks);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * The directory that the parent of this process holds: steps can be read and written, each by one process only. Never closed.
   * @throws UserError, when a step is written, once the parent is gone.
   */
  static join(path: string, hooks: RunHooks = {}): RunDirectory {
    return new RunDirectory(path, true, new ParentsLock(path), hooks);
  }

  /** The facts of a step as they stand in a directory that nobody has opened; undefined when there are none. */
  static peek(path: string, step: string): unknown {
    return readFacts(path, step);
  }

  /** The finished step of that name, or undefined. A damaged one was never finished. */
  async checkpoint(name: string): Promise<Checkpoint | undefined> {
    if (!this.#trusted.has(name)) {
      const state = await checkCheckpoint(this.path, name);
      if (state === 'damaged') this.#warn(`the files of step ${name} are damaged: it is done again`);
      if (state !== 'whole') return undefined;
      this.#trusted.add(name);
    }
    return this.finished(name);
  }

  /** Keeps a step, all or nothing. */
  async write(name: string, tensors: ReadonlyMap<string, Tensor>, facts: unknown): Promise<Checkpoint> {
    await this.hooks.beforeWrite?.();
    this.lock.assertHeld();
    await writeCheckpoint(this.path, name, tensors, facts);
    this.#trusted.add(name);
    return this.finished(name);
  }

  /** Forgets a step that serves nothing any more; one that is not there is no error. */
  remove(name: string): void {
    this.#trusted.delete(name);
    removeCheckpoint(this.path, name);
  }

  /** A step that this process wrote or has asked for before. */
  finished(name: string): Checkpoint {
    if (!this.#trusted.has(name)) throw new Error(`step ${name} was not asked for before`);
    return readCheckpoint(this.path, name);
  }

  /** The facts of a step, from an earlier start or from `work`. Facts are what JSON can hold. */
  async remember<T>(name: string, work: () => Promise<T>): Promise<T> {
    const known = await this.checkpoint(name);
    return (known ?? (await this.write(name, new Map(), await work()))).facts as T;
  }

  /** True when a step is finished: the run can go on from it. */
  get hasCheckpoints(): boolean {
    return this.lock.isHeld && readdirSync(this.path).some(isCheckpoint);
  }

  log(text: string): void {
    try {
      appendFileSync(join(this.path, 'log.txt'), `${new Date().toISOString()} ${text}\n`);
    } catch (error) {
      throw writeError(this.path, error);
    }
  }

  /** Lets go of the directory, and removes it unless it is to be kept. */
  close(keep: boolean): void {
    // a directory that was taken over is another process's to clear
    if (this.lock.isHeld) (keep ? clearScratch : removeWhole)(this.path);
    this.lock.release();
  }

  #warn(text: string): void {
    this.log(text);
    this.hooks.warn?.(text);
  }
}

/** A run directory is removed when its run is done: somebody's own files must not be in it. */
function checkContents(path: string): void {
  const names = readdirSync(path);
  const stranger = names.find((name) => !isLock(name) && name !== 'log.txt' && !isTemporary(name));
  if (stranger === undefined || names.includes(manifestName)) return;
  throw new UserError(
    path,
    `expected a run directory or an empty folder, got one with '${stranger}'; choose another with --run`,
  );
}

/** Folders and temporary files serve the process that works here: nothing is resumed from them. */
function clearScratch(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory() || isTemporary(entry.name))
      rmSync(join(path, entry.name), { recursive: true, force: true });
  }
}

/** In one step, so that a kill in the middle does not leave half a run; what cannot be moved is emptied. */
function removeWhole(path: string): void {
  const aside = temporaryBeside(path);
  try {
    renameSync(path, aside);
  } catch {
    // the root of a disk, say
    emptyFolder(path);
    return;
  }
  rmSync(aside, { recursive: true, force: true });
}

/** The lock goes last, and not here. */
function emptyFolder(path: string): void {
  for (const name of readdirSync(path)) if (!isLock(name)) rmSync(join(path, name), { recursive: true, force: true });
}
