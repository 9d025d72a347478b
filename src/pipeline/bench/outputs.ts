/** How far the outputs of the models are from those of the first. */
import type { Samples } from '../../data/samples.js';
import type { Model } from '../../ir/types.js';
import type { BenchOutputs } from '../../report/bench-report.js';
import { compareOutputs } from '../compare/outputs.js';
import { firstOf } from '../dry-run/trial.js';
import type { Engine } from '../engine.js';

/** More than one run says, and few enough that it never takes longer than what is timed. */
export const comparedSamples = 64;

/** By model; undefined for the first. */
export async function outputsBeside(
  [first, ...others]: readonly Model[],
  samples: Samples,
  options: Engine & { readonly batch: number; readonly signal: AbortSignal },
): Promise<(BenchOutputs | undefined)[]> {
  const few = firstOf(samples, Math.max(comparedSamples, samples.fixedBatch ?? 1));
  const beside: (BenchOutputs | undefined)[] = [undefined];
  for (const other of others) {
    const found = await compareOutputs(first!, other, { ...options, samples: few, tolerance: 0, seed: 0 });
    const outputs = found.outputs.map(({ name, relative, maxAbsolute }) => ({ name, relative, maxAbsolute }));
    beside.push({ samples: few.count, outputs, ...(found.failure !== undefined && { failure: found.failure }) });
  }
  return beside;
}
