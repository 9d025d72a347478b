/** A trial: a few samples through what a command runs, with its time and memory. */
import type { Samples } from '../../data/index.js';
import { secondsInRuntime } from '../../runtime/spent.js';
import { int64, type Tensor } from '../../tensor/tensor.js';
import { peakMemory } from '../peak-memory.js';

export interface Trial {
  readonly samples: number;
  /** Paid once however many samples there are: sessions and everything else outside of runs. */
  readonly fixedSeconds: number;
  /** Of runs. */
  readonly secondsPerSample: number;
  /** Of the process so far. */
  readonly peakBytes: number;
}

/** A second trial is worth its time only where the first was as quick as this. */
const cheapSeconds = 1.5;

/**
 * Runs one sample; where that is cheap, also a batch as the command would, which is faster a sample.
 * @param size of the command's batches
 */
export async function tryOut(samples: Samples, size: number, run: (few: Samples) => Promise<unknown>): Promise<Trial> {
  const single = await timed(samples, samples.fixedBatch ?? 1, run);
  const batch = Math.min(size, samples.count);
  if (batch <= single.samples || single.secondsPerSample * single.samples > cheapSeconds) return single;
  return timed(samples, batch, run);
}

async function timed(samples: Samples, count: number, run: (few: Samples) => Promise<unknown>): Promise<Trial> {
  const few = firstOf(samples, count);
  const [begin, inside] = [performance.now(), secondsInRuntime('running')];
  await run(few);
  const running = secondsInRuntime('running') - inside;
  return {
    samples: few.count,
    fixedSeconds: (performance.now() - begin) / 1000 - running,
    secondsPerSample: running / few.count,
    peakBytes: peakMemory(),
  };
}

/** The first samples alone. */
export function firstOf(samples: Samples, count: number): Samples {
  const { tokens, labels } = samples;
  return {
    ...samples,
    count: Math.min(count, samples.count),
    ...(labels && { labels: labels.subarray(0, count) }),
    ...(tokens && { tokens: firstRows(tokens, Math.min(count, samples.count)) }),
  };
}

function firstRows(tokens: Tensor, count: number): Tensor {
  const width = tokens.shape[1] as number;
  const bytes = tokens.payload.read(0, 8 * count * width).slice();
  return int64([count, width], [...new BigInt64Array(bytes.buffer)]);
}
