/** How long one run of a model takes. */
import { feedsFor, type Samples } from '../data/samples.js';
import type { Graph } from '../ir/types.js';
import { type CompileOptions, compile, type Program } from '../runtime/program.js';
import { inRounds } from './rounds.js';
import { ascending, quantile } from './spread.js';

export interface Latency {
  readonly p50Milliseconds: number;
  readonly p95Milliseconds: number;
  readonly runs: number;
  /** Samples per run. */
  readonly batch: number;
}

export interface LatencyOptions extends CompileOptions {
  /** Samples per run; default 1. */
  readonly batch?: number;
  /** Timed runs; default 30. */
  readonly runs?: number;
  /** No run starts after this; at least five are timed all the same. Default 5000. */
  readonly milliseconds?: number;
  readonly signal?: AbortSignal;
}

/** Median and 95th percentile of the time of whole runs on the first samples, after a warm-up, copies in and out included. */
export async function latency(graph: Graph, samples: Samples, options: LatencyOptions = {}): Promise<Latency> {
  const [figures] = await latencies([graph], samples, options);
  return figures as Latency;
}

/**
 * The latency of several graphs that take the same samples. They run in turn, so that a machine that slows down meanwhile
 * slows all of them; `runs` and `milliseconds` are of each.
 */
export async function latencies(
  graphs: readonly Graph[],
  samples: Samples,
  options: LatencyOptions = {},
): Promise<Latency[]> {
  const { batch = 1, runs = 30, milliseconds = 5000, signal, ...compileOptions } = options;
  const first = firstRun(samples, batch);
  const openings = graphs.map((graph) => () => compile(graph, compileOptions));
  return withAll(openings, async (programs) => {
    const players = programs.map((program) => {
      const feeds = feedsFor(program.inputs, first.feeds);
      return () => program.run(feeds);
    });
    const costs = await inRounds(players, { rounds: runs, milliseconds, settles: false, ...(signal && { signal }) });
    return costs.map((each) => {
      const sorted = ascending(each.map(({ milliseconds: time }) => time));
      const figures = { p50Milliseconds: quantile(sorted, 0.5), p95Milliseconds: quantile(sorted, 0.95) };
      return { ...figures, runs: each.length, batch: first.batch };
    });
  });
}

/** What the first run of so many samples is fed, and how many it has. */
export function firstRun(samples: Samples, batch: number) {
  const size = samples.fixedBatch ?? Math.min(batch, samples.count);
  return { batch: size, feeds: samples.batch(0, Math.min(size, samples.count)) };
}

/** Opens one program after the other and releases all of them, whatever happens. */
export async function withAll<T>(
  openings: readonly (() => Promise<Program>)[],
  use: (programs: readonly Program[]) => Promise<T>,
): Promise<T> {
  const programs: Program[] = [];
  try {
    for (const open of openings) programs.push(await open());
    return await use(programs);
  } finally {
    for (const program of programs) await program.release();
  }
}
