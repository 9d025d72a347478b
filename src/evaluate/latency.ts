/** How long one run of a model takes. */
import { feedsFor, type Samples } from '../data/samples.js';
import type { Graph } from '../ir/types.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';

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
  const { batch = 1, runs = 30, milliseconds = 5000, signal, ...compileOptions } = options;
  const size = samples.fixedBatch ?? Math.min(batch, samples.count);
  return withProgram(graph, compileOptions, async (program) => {
    const feeds = feedsFor(program.inputs, samples.batch(0, Math.min(size, samples.count)));
    const times: number[] = [];
    const start = performance.now();
    for (let run = 0; run < warmUp + runs; run++) {
      signal?.throwIfAborted();
      if (times.length >= leastRuns && performance.now() - start > milliseconds) break;
      const begin = performance.now();
      await program.run(feeds);
      if (run >= warmUp) times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    return {
      p50Milliseconds: quantile(times, 0.5),
      p95Milliseconds: quantile(times, 0.95),
      runs: times.length,
      batch: size,
    };
  });
}

/** Of sorted numbers, interpolated between neighbours. */
function quantile(sorted: readonly number[], fraction: number): number {
  const at = (sorted.length - 1) * fraction;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}
