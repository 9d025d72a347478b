/** Differences between what two models compute. */
import type { Samples } from '../data/index.js';
import { UserError } from '../errors.js';
import { drift } from '../evaluate/drift.js';
import type { EvaluationOptions } from '../evaluate/perplexity.js';
import type { Model } from '../ir/types.js';
import { annotate } from '../runtime/annotate.js';
import type { OutputComparison } from './compare-report.js';
import { randomSamples } from './random-samples.js';

export interface OutputOptions extends EvaluationOptions {
  /** Absent: random inputs. */
  readonly samples?: Samples | undefined;
  /** Largest |a - b| of an output that still counts as equal. */
  readonly tolerance: number;
  /** For random inputs. */
  readonly seed: number;
}

/** Runs both models on the same inputs. Models that cannot be compared (other outputs, other shapes) give the reason. */
export async function compareOutputs(a: Model, b: Model, options: OutputOptions): Promise<OutputComparison> {
  const { samples, tolerance, seed, ...evaluation } = options;
  const inputs = samples ?? randomSamples(a.graph, await annotate(a.graph), seed);
  const facts = { tolerance, inputs: inputs.provenance };
  try {
    const outputs = await drift(a.graph, b.graph, inputs, evaluation);
    if (outputs.length === 0) return { ...facts, outputs: [], failure: 'no output is a tensor of known type' };
    return {
      ...facts,
      outputs: outputs.map(({ name, maxAbsolute, relative }) => ({
        name,
        maxAbsolute: finite(maxAbsolute),
        relative: finite(Math.sqrt(relative)),
        isWithin: maxAbsolute <= tolerance,
      })),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...facts, outputs: [], failure: error.message };
  }
}

/** JSON knows no NaN and no infinity. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
