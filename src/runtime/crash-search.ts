/**
 * Finds the op that ONNX Runtime broke down on. The job is run once more and keeps what the runtime is given; then ever shorter
 * beginnings of the last graph are given to it, each in a process of its own, as every crash ends one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '../ir/node.js';
import type { Node } from '../ir/types.js';
import type { CrashTrial } from './crash-trial.js';
import { isCrash } from './job-death.js';
import { type Ending, type JobStart, type ProcessHooks, runProcess } from './job-process.js';
import { readCall } from './kept-call.js';

/** How long a user waits for the name of an op. */
const MILLISECONDS = 10_000;

export interface Found {
  /** What became of the job when it was run again. */
  readonly again: Ending | undefined;
  /** The node, as errors call it; undefined where it could not be found in time. */
  readonly culprit: string | undefined;
}

/** Never throws: the crash itself is what is to be told. A signal ends the search at once. */
export async function searchCrash(job: JobStart, { signal, heedsSignals }: ProcessHooks): Promise<Found> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const timer = setTimeout(end, MILLISECONDS);
  const heeded = heedsSignals ? (['SIGINT', 'SIGTERM', 'SIGHUP'] as const) : [];
  for (const each of heeded) process.on(each, end);
  signal?.addEventListener('abort', end);
  const run: Run = (start) => runProcess(start, { signal: stop.signal, heedsSignals: false, patience: 0 });
  try {
    return await inFolder((folder) => repeat(job, folder, run));
  } catch {
    return { again: undefined, culprit: undefined };
  } finally {
    clearTimeout(timer);
    for (const each of heeded) process.off(each, end);
    signal?.removeEventListener('abort', end);
  }
}

type Run = (start: JobStart) => Promise<Ending>;

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-crash-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function repeat(job: JobStart, folder: string, run: Run): Promise<Found> {
  const again = await run({ ...job, keepCallsIn: folder });
  if (again.kind !== 'died' || !isCrash(again)) return { again, culprit: undefined };
  const { nodes } = readCall(folder).graph;
  return { again, culprit: await culpritOf(nodes, (trial) => outcomeOf(run, { folder, ...trial })) };
}

type Outcome = 'crashed' | 'survived' | 'refused';

/** The last node of the shortest beginning that crashes; undefined where the runtime refuses the beginning before it, or nothing crashes. */
export async function culpritOf(
  nodes: readonly Node[],
  outcome: (trial: Omit<CrashTrial, 'folder'>) => Promise<Outcome>,
): Promise<string | undefined> {
  if ((await outcome({ nodes: nodes.length })) !== 'crashed') return undefined;
  // invariant: the first `high` nodes crash, the first `low` do not
  let [low, high, isSure] = [0, nodes.length, true];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const found = await outcome({ nodes: middle });
    if (found === 'crashed') high = middle;
    else [low, isSure] = [middle, found === 'survived'];
  }
  const node = nodes[high - 1];
  if (!node || !isSure) return undefined;
  const runsPlain = (await outcome({ nodes: high, isPlain: true })) === 'survived';
  return runsPlain ? `${describe(node)}, which runs where the runtime optimizes nothing` : describe(node);
}

const trialModule = new URL('./crash-trial.js', import.meta.url);

/** @throws Error when the time is over. */
async function outcomeOf(run: Run, trial: CrashTrial): Promise<Outcome> {
  const ending = await run({ module: trialModule, input: trial });
  if (ending.kind === 'killed') throw new Error('the time is over');
  if (ending.kind === 'died') return isCrash(ending) ? 'crashed' : 'refused';
  return ending.kind === 'result' ? 'survived' : 'refused';
}
