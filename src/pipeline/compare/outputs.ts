/** Differences between what two models compute. */
import type { Samples } from '../../data/index.js';
import { randomSamples } from '../../data/random-samples.js';
import { exitCodes, isInterruption, UserError } from '../../errors.js';
import { drift, type OutputDrift } from '../../evaluate/drift.js';
import type { EvaluationOptions } from '../../evaluate/perplexity.js';
import type { Graph, Model } from '../../ir/types.js';
import { annotate } from '../../runtime/annotate.js';
import { withSwitches, workingCopy } from '../working-copy.js';
import type { OutputComparison } from './report.js';

export interface OutputOptions extends EvaluationOptions {
  /** Absent: random inputs. */
  readonly samples?: Samples | undefined;
  /** Largest |a - b| of an output that still counts as equal. */
  readonly tolerance: number;
  /** For random inputs. */
  readonly seed: number;
}

/**
 * Runs both models on the same inputs. Models that cannot be compared (other outputs, other shapes) give the reason.
 * @param options its samples are for the working copy of `a`.
 */
export async function compareOutputs(a: Model, b: Model, options: OutputOptions): Promise<OutputComparison> {
  const { samples, tolerance, seed, ...evaluation } = options;
  const copies: [Graph, Graph] = [workingCopy(a.graph), workingCopy(b.graph)];
  const { inputs, isUnreadable } = watched(samples ?? randomSamples(copies[0], await annotate(copies[0]), seed));
  const facts = { tolerance, inputs: inputs.provenance };
  try {
    const { outputs, computedIn } = await driftOf([a.graph, b.graph], copies, inputs, evaluation);
    if (outputs.length === 0) return { ...facts, outputs: [], failure: 'no output is a tensor of known type' };
    return {
      ...facts,
      ...(computedIn && { computedIn }),
      outputs: outputs.map(({ name, maxAbsolute, relative }) => ({
        name,
        maxAbsolute: finite(maxAbsolute),
        relative: finite(Math.sqrt(relative)),
        isWithin: maxAbsolute <= tolerance,
      })),
    };
  } catch (error) {
    if (!(error instanceof UserError) || isUnreadable(error) || isInterruption(error)) throw error;
    return { ...facts, outputs: [], failure: error.message };
  }
}

/** Samples whose own errors can be told from those of the models: they are read batch by batch. */
function watched(samples: Samples): { inputs: Samples; isUnreadable(error: unknown): boolean } {
  const errors = new Set<unknown>();
  const batch: Samples['batch'] = (from, to) => {
    try {
      return samples.batch(from, to);
    } catch (error) {
      errors.add(error);
      throw error;
    }
  };
  return { inputs: { ...samples, batch }, isUnreadable: (error) => errors.has(error) };
}

/** Of the models as they are, unless the runtime lacks kernels for their precision. */
async function driftOf(
  [a, b]: readonly [Graph, Graph],
  copies: readonly [Graph, Graph],
  samples: Samples,
  options: EvaluationOptions,
): Promise<{ outputs: OutputDrift[]; computedIn?: 'float32' }> {
  try {
    return { outputs: await drift(a, b, withSwitches(b, withSwitches(a, samples)), options) };
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode !== exitCodes.unsupported) throw error;
    return { outputs: await drift(...copies, samples, options), computedIn: 'float32' };
  }
}

/** JSON knows no NaN and no infinity. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
