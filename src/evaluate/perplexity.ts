/** Perplexity of a language model. */

import { rowsOf } from '../data/rows.js';
import type { Samples } from '../data/samples.js';
import { UserError } from '../errors.js';
import type { Graph } from '../ir/types.js';
import type { CompileOptions } from '../runtime/program.js';
import { dataOf } from '../tensor/tensor.js';
import { type Forward, forward } from './forward.js';
import { logitsOf } from './logits.js';
import { emitTokenLoss } from './token-loss.js';

export interface EvaluationOptions extends CompileOptions {
  /** Samples per run; default: chosen by size, at most 16. A model of fixed batch has its own. */
  readonly batch?: number;
  /** Default: the whole graph in one session. */
  readonly forward?: Forward;
  /** Checked between runs. */
  readonly signal?: AbortSignal;
  onBatch?(done: number, total: number): void;
}

export interface Perplexity {
  /** exp of `nll`. */
  readonly perplexity: number;
  /** Mean negative log likelihood per predicted token, in nats. */
  readonly nll: number;
  /** Tokens in all windows. */
  readonly tokens: number;
  readonly windows: number;
  readonly seqLen: number;
}

/**
 * Perplexity over windows of equal length, each by itself, the first token of a window only being read: the convention of GPTQ, SparseGPT
 * and Wanda, whose mean over `seqLen - 1` predictions is weighed by windows. Comparable at equal `seqLen` only.
 * @param samples as `openSamples` makes them from text or token ids, for this graph or one with inputs of the same names.
 * @throws UserError naming the first window whose loss is not a finite number.
 */
export async function perplexity(graph: Graph, samples: Samples, options: EvaluationOptions = {}): Promise<Perplexity> {
  const { tokens } = samples;
  if (!tokens)
    throw new UserError('perplexity', 'expected text or token ids, got arrays; give data for a language model');
  const { batch, forward: run = forward, onBatch, ...forwardOptions } = options;
  const [windows, seqLen] = tokens.shape as [number, number];
  const size = samples.fixedBatch ?? batch ?? defaultBatch(graph, seqLen);
  const loss = emitTokenLoss(graph);
  const endOf = (index: number): number => Math.min(windows, (index + 1) * size);
  const batches = {
    *[Symbol.iterator]() {
      for (let from = 0, i = 0; from < windows; from += size, i++) {
        const targets = rowsOf(tokens, from, endOf(i), samples.fixedBatch);
        yield new Map([...samples.batch(from, endOf(i)), [loss.targets, targets]]);
      }
    },
  };
  let total = 0;
  await run(loss.graph, batches, forwardOptions, (outputs, i) => {
    const logProbabilities = dataOf(outputs.get(loss.logProbability)!) as Float32Array;
    total += windowLosses(logProbabilities, i * size, endOf(i), seqLen);
    onBatch?.(endOf(i), windows);
  });
  const nll = total / windows;
  return { perplexity: Math.exp(nll), nll, tokens: windows * seqLen, windows, seqLen };
}

/** The sum over windows of their mean loss. */
function windowLosses(logProbabilities: Float32Array, from: number, to: number, seqLen: number): number {
  const predictions = seqLen - 1;
  if (logProbabilities.length < (to - from) * predictions) {
    throw new UserError(
      'perplexity',
      `expected ${predictions} predictions a window, got ${logProbabilities.length / (to - from)}`,
    );
  }
  let sum = 0;
  for (let window = from; window < to; window++) {
    const start = (window - from) * predictions;
    let loss = 0;
    for (let i = start; i < start + predictions; i++) loss -= logProbabilities[i]!;
    if (!Number.isFinite(loss)) {
      throw new UserError(
        'perplexity',
        `expected finite losses, got ${loss} in window ${window}; the model's logits overflow there`,
      );
    }
    sum += loss / predictions;
  }
  return sum;
}

const mostWindows = 16;
/** Bytes of logits in one run: larger runs are no faster, and a run should last well under two seconds. */
const logitsBudget = 2 ** 25;

/** As many windows as keep the logits of a run small. */
export function defaultBatch(graph: Graph, seqLen: number): number {
  const vocabulary = logitsOf(graph, 3).type?.shape?.at(-1);
  const bytes = 4 * seqLen * (typeof vocabulary === 'number' ? vocabulary : 32_768);
  return Math.max(1, Math.min(mostWindows, Math.floor(logitsBudget / bytes)));
}
