/** The lock of a run directory: one process works in it at a time, and a killed one does not keep others out. */
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.js';
import { makeFolder } from '../files/folder.js';
import { ownToken, pidOf, stateOf, tokenPattern } from '../files/owner.js';
import { writeError } from '../files/system-error.js';

/** A holder on another machine is known by signs of life alone. */
const signMilliseconds = 15_000;
const silenceMilliseconds = 600_000;

/** Processes that start together all step back: one of them gets in after a random wait. */
const attempts = 6;
const longestWait = 60;

const lockName = new RegExp(`^lock\\.(${tokenPattern})$`);

export const isLock = (name: string): boolean => lockName.test(name);

/**
 * Every process has a lock file of its own name. It makes it and then looks whether a living process has one too: of two that
 * race at least one sees the other and steps back, and nobody ever removes a file that a living process relies on.
 */
export class Lock {
  private constructor(
    private readonly file: string,
    private readonly signs: NodeJS.Timeout,
  ) {}

  /**
   * Makes the folder when it is not there.
   * @throws UserError when a living process has it.
   */
  static async take(folder: string): Promise<Lock> {
    const file = join(folder, `lock.${ownToken()}`);
    for (let attempt = 1; ; attempt++) {
      makeFolder(folder);
      if (!make(file)) continue;
      const names = readdirSync(folder);
      // the folder was taken away as a whole, as the end of a run does
      if (!names.includes(basename(file))) continue;
      const others = names.filter((name) => isLock(name) && name !== basename(file));
      const holder = others.find((name) => !isGone(folder, name));
      if (holder === undefined) {
        for (const name of others) rmSync(join(folder, name), { force: true });
        return new Lock(file, setInterval(() => touch(file), signMilliseconds).unref());
      }
      rmSync(file, { force: true });
      if (attempt === attempts) throw held(folder, holder);
      await sleep(Math.random() * longestWait);
    }
  }

  /** False once another process took over, or the folder was removed. */
  get isHeld(): boolean {
    return existsSync(this.file);
  }

  /** @throws UserError unless `isHeld`. */
  assertHeld(): void {
    if (this.isHeld) return;
    throw new UserError(
      this.file,
      'the lock is gone: the run directory was removed or taken over; start the run again',
    );
  }

  release(): void {
    clearInterval(this.signs);
    rmSync(this.file, { force: true });
  }
}

/** False when the folder is not there. */
function make(file: string): boolean {
  try {
    writeFileSync(file, `process ${process.pid} on ${hostname()} since ${new Date().toISOString()}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (code === 'EEXIST') throw held(join(file, '..'), basename(file));
    throw writeError(file, error);
  }
}

function isGone(folder: string, name: string): boolean {
  const state = stateOf(tokenIn(name));
  if (state !== 'elsewhere') return state === 'dead';
  const sign = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs;
  return sign === undefined || Date.now() - sign > silenceMilliseconds;
}

const tokenIn = (name: string): string => lockName.exec(name)?.[1] ?? '';

function held(folder: string, name: string): UserError {
  const where = stateOf(tokenIn(name)) === 'elsewhere' ? ' of another machine or container' : '';
  return new UserError(
    folder,
    `process ${pidOf(tokenIn(name))}${where} is working in this run directory; wait for it, or choose another with --run`,
  );
}

/** A folder that is gone is noticed at the next write. */
function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {}
}

/** For a process that works under the lock of its parent. */
export class ParentsLock {
  constructor(private readonly folder: string) {}

  get isHeld(): boolean {
    return existsSync(this.folder) && readdirSync(this.folder).some(isLock);
  }

  /** @throws UserError unless `isHeld`. */
  assertHeld(): void {
    if (this.isHeld) return;
    throw new UserError(this.folder, 'the lock of the parent process is gone; start the run again');
  }

  release(): void {}
}
