/** How long one run of a model takes. */
import { feedsFor, type Samples } from '../data/samples.js';
import type { Graph } from '../ir/types.js';
import { type CompileOptions, type Program, withProgram } from '../runtime/program.js';

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

const warmUp = 3;
const leastRuns = 5;

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
  const size = samples.fixedBatch ?? Math.min(batch, samples.count);
  const first = samples.batch(0, Math.min(size, samples.count));
  return withPrograms(graphs, compileOptions, async (programs) => {
    const timed = programs.map((program) => ({
      program,
      feeds: feedsFor(program.inputs, first),
      times: [] as number[],
    }));
    const start = performance.now();
    for (let run = 0; run < warmUp + runs; run++) {
      if (run >= warmUp + leastRuns && performance.now() - start > milliseconds * graphs.length) break;
      for (const { program, feeds, times } of timed) {
        signal?.throwIfAborted();
        const begin = performance.now();
        await program.run(feeds);
        if (run >= warmUp) times.push(performance.now() - begin);
      }
    }
    return timed.map(({ times }) => figuresOf(times, size));
  });
}

/** Compiles one graph after the other and releases all of them, whatever happens. */
const withPrograms = <T>(
  graphs: readonly Graph[],
  options: CompileOptions,
  use: (programs: readonly Program[]) => Promise<T>,
  made: readonly Program[] = [],
): Promise<T> =>
  graphs.length === made.length
    ? use(made)
    : withProgram(graphs[made.length] as Graph, options, (program) =>
        withPrograms(graphs, options, use, [...made, program]),
      );

function figuresOf(times: number[], batch: number): Latency {
  times.sort((a, b) => a - b);
  return { p50Milliseconds: quantile(times, 0.5), p95Milliseconds: quantile(times, 0.95), runs: times.length, batch };
}

/** Of sorted numbers, interpolated between neighbours. */
function quantile(sorted: readonly number[], fraction: number): number {
  const at = (sorted.length - 1) * fraction;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}
