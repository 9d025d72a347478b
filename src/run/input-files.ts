/** The files that a run reads, watched: what was computed from one that changed meanwhile must not be kept. */
import { type Stats, statSync } from 'node:fs';
import { UserError } from '../errors.js';
import { hashFile } from '../files/hash.js';

export interface InputFile {
  readonly path: string;
  readonly sha256: string;
}

export class InputFiles {
  readonly #stats: (Stats | undefined)[];

  /** @param files with the hashes that they had when the run began. */
  constructor(readonly files: readonly InputFile[]) {
    this.#stats = files.map(({ path }) => statSync(path, { throwIfNoEntry: false }));
  }

  /**
   * Looks at every file's size, time and place; one that was touched is hashed again, and goes on as before when it is the same.
   * @throws UserError naming the file that is another now, or is gone.
   */
  async assertUnchanged(): Promise<void> {
    for (const [i, { path, sha256 }] of this.files.entries()) {
      const now = statSync(path, { throwIfNoEntry: false });
      if (!now) {
        throw new UserError(path, 'the file was removed during the run; put it back and start the same command again');
      }
      const before = this.#stats[i];
      if (before && isSame(before, now)) continue;
      if ((await hashFile(path)) !== sha256) {
        throw new UserError(
          path,
          'the file was changed during the run; put it back and start the same command again, or remove the run directory to start anew',
        );
      }
      this.#stats[i] = now;
    }
  }
}

const isSame = (a: Stats, b: Stats): boolean =>
  a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino && a.dev === b.dev;
