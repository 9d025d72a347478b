/** Models in fresh processes: each round starts one for each model, so that none finds what another left. */
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { feedsFor, type Samples } from '../../data/samples.js';
import { firstRun, inRounds, type RoundOptions } from '../../evaluate/index.js';
import { removeLeftovers, temporaryBeside } from '../../files/temporary.js';
import { feeds } from '../../ir/graph.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { writeFeeds } from '../../runtime/kept-feeds.js';
import { openModel } from '../open-model.js';
import { withSwitches } from '../working-copy.js';
import type { FreshLoad, FreshLoadRequest } from './fresh-load.js';

export interface FreshOptions {
  readonly batch: number;
  /** What is asked of every process. */
  readonly each: Omit<FreshLoadRequest, 'model' | 'fed'>;
  readonly rounds: Pick<RoundOptions, 'rounds' | 'leastRounds' | 'milliseconds' | 'seed' | 'onRound'>;
}

/** By model and round. @param samples for the first of the models. */
export async function freshLoads(
  paths: readonly string[],
  samples: Samples,
  { batch, each, rounds }: FreshOptions,
  { job, signal }: JobContext,
): Promise<FreshLoad[][]> {
  removeLeftovers(tmpdir());
  const folder = temporaryBeside(join(tmpdir(), 'scalpel'));
  mkdirSync(folder);
  try {
    const found = paths.map((): FreshLoad[] => []);
    const players = paths.map((model, i) => {
      const fed = join(folder, `${i}`);
      const { graph } = openModel(model);
      writeFeeds(fed, feedsFor(feeds(graph), firstRun(withSwitches(graph, samples), batch).feeds));
      const request: FreshLoadRequest = { ...each, model, fed };
      return async () => {
        found[i]!.push(await job<FreshLoad>(new URL('./fresh-load.js', import.meta.url), request));
      };
    });
    await inRounds(players, { ...rounds, warmUp: 0, settles: false, signal });
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
