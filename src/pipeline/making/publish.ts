/** The last step of a run: what was made aside gets its names, all of it or nothing, and a run that is killed in between knows its own. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { hashFile } from '../../files/hash.js';
import type { Stage } from '../../files/stage.js';
import { RunDirectory } from '../../run/run-directory.js';
import type { OwnFile } from './check-outputs.js';
import { commit } from './commit.js';

/** The step of the run directory that names the outputs: with it, those that have appeared are known to be the run's own. */
const journal = 'outputs';

/** What an earlier start in `run` was about to give its name. */
export const ownFiles = (run: string): readonly OwnFile[] =>
  (RunDirectory.peek(run, journal) as readonly OwnFile[] | undefined) ?? [];

/** @param force whether what stands there may be replaced. @throws UserError when something has appeared there meanwhile. */
export async function publish(
  stages: readonly Stage[],
  run: RunDirectory,
  force: boolean,
  signal: AbortSignal,
): Promise<void> {
  const own = ownFiles(run.path);
  await run.write(journal, new Map(), [...own, ...(await identified(stages, signal))]);
  commit(stages, signal, { force, own });
}

async function identified(stages: readonly Stage[], signal: AbortSignal): Promise<OwnFile[]> {
  const own: OwnFile[] = [];
  for (const { path, place } of stages.flatMap(({ files }) => files)) {
    own.push({ path: resolve(path), bytes: statSync(place).size, sha256: await hashFile(place, signal) });
  }
  return own;
}
