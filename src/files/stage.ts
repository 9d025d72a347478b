/** Several files as one step: all are written aside, under the names they will have, and renamed when every one is complete. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeError } from './system-error.js';
import { removeLeftovers, temporaryBeside } from './temporary.js';
import { syncFolder } from './whole-file.js';

export interface StagedOutput {
  /** The final name. */
  readonly path: string;
  /** Makes the file at `place`, which does not exist, and brings it to the disk. */
  write(place: string): Promise<void>;
}

/** Complete files that do not have their final names yet. Files of one folder lie together and may refer to each other. */
export interface Stage {
  /** In the order in which they will appear. */
  readonly files: readonly { readonly path: string; readonly place: string }[];
  /** Gives all of them their names, replacing what is there. @throws UserError when the system refuses. */
  commit(): void;
  /** Removes what was not given its name; may be called again. */
  discard(): void;
}

/**
 * Writes all outputs aside. What killed processes left in the same folders is removed first.
 * @throws UserError when one cannot be written; then nothing stays.
 */
export async function stage(outputs: readonly StagedOutput[]): Promise<Stage> {
  const folders = new Map<string, string>();
  const staged = stageIn(outputs, folders);
  try {
    for (const [i, { path, write }] of outputs.entries()) {
      try {
        makeAside(path, folders);
        await write(staged.files[i]!.place);
      } catch (error) {
        throw writeError(path, error);
      }
    }
    return staged;
  } catch (error) {
    staged.discard();
    throw error;
  }
}

/** @param folders the folder aside for each folder of outputs. */
function stageIn(outputs: readonly StagedOutput[], folders: Map<string, string>): Stage {
  for (const { path } of outputs) if (!folders.has(dirname(path))) folders.set(dirname(path), temporaryBeside(path));
  const files = outputs.map(({ path }) => ({ path, place: join(folders.get(dirname(path))!, basename(path)) }));
  const discard = (): void => {
    for (const aside of folders.values()) rmSync(aside, { recursive: true, force: true });
  };
  return {
    files,
    discard,
    commit() {
      for (const { path, place } of files) {
        try {
          renameSync(place, path);
        } catch (error) {
          throw writeError(path, error);
        }
      }
      for (const folder of folders.keys()) syncFolder(folder);
      discard();
    },
  };
}

function makeAside(path: string, folders: ReadonlyMap<string, string>): void {
  const aside = folders.get(dirname(path)) as string;
  if (existsSync(aside)) return;
  removeLeftovers(dirname(path));
  mkdirSync(aside);
}
