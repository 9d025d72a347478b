/**
 * The job that loads one model in a process that has loaded none: how long its session takes, how long its first run, and by how
 * much the process grows.
 */
import { type Cost, costOf } from '../../evaluate/index.js';
import { feeds } from '../../ir/graph.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { readFeeds } from '../../runtime/kept-feeds.js';
import { type CompileOptions, compileFile, withProgram } from '../../runtime/program.js';
import { probeGraph } from '../../runtime/provider-probe.js';
import { openModel } from '../open-model.js';
import { markPeak, peakSinceMark } from '../peak-memory.js';

export interface FreshLoadRequest {
  readonly model: string;
  /** File of what it is fed. */
  readonly fed: string;
  readonly engine: CompileOptions;
  /** Untimed runs after those that memory is told from. */
  readonly warmUp: number;
  /** Timed runs after these at most, and milliseconds that they may take; 0: none. */
  readonly runs: number;
  readonly milliseconds: number;
}

export interface FreshLoad {
  readonly loadMilliseconds: number;
  readonly firstRunMilliseconds: number;
  /** Of timed runs. */
  readonly costs: readonly Cost[];
  /** Of the process just before. */
  readonly baselineBytes: number;
  /** That loading and the first few runs added, at the peak. */
  readonly addedBytes: number;
}

/** The peak is told after as many runs in every process: outputs wait for the garbage collector, more of them the more runs there are. */
const runsOfPeak = 3;

export async function run(request: FreshLoadRequest, { signal }: JobContext): Promise<FreshLoad> {
  const { engine, warmUp, runs, milliseconds } = request;
  const model = openModel(request.model);
  const byName = readFeeds(request.fed);
  const fed = new Map(feeds(model.graph).map((input) => [input, byName.get(input.name)!]));
  // the runtime itself is there before the model comes: its library, its threads, the driver of the provider
  await withProgram(probeGraph(1), engine, async () => {});
  markPeak();
  const baselineBytes = process.memoryUsage.rss();
  const begin = performance.now();
  const program = await compileFile(model, engine);
  const loadMilliseconds = performance.now() - begin;
  try {
    const { milliseconds: firstRunMilliseconds } = await runOnce();
    for (let i = 1; i < runsOfPeak; i++) await runOnce();
    const addedBytes = Math.max(0, peakSinceMark() - baselineBytes);
    for (let i = 0; i < warmUp; i++) await runOnce();
    const costs: Cost[] = [];
    const start = performance.now();
    while (costs.length < runs && (costs.length === 0 || performance.now() - start < milliseconds))
      costs.push(await runOnce());
    return { loadMilliseconds, firstRunMilliseconds, costs, baselineBytes, addedBytes };
  } finally {
    await program.release();
  }

  function runOnce() {
    signal.throwIfAborted();
    return costOf(() => program.run(fed));
  }
}
