/** Perplexity of a language model. */

import { rowsOf } from '../data/rows.js';
import { feedsFor, type Samples } from '../data/samples.js';
import { UserError } from '../errors.js';
import type { Graph } from '../ir/types.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import { dataOf } from '../tensor/tensor.js';
import { logitsOf } from './logits.js';
import { emitTokenLoss } from './token-loss.js';

export interface EvaluationOptions extends CompileOptions {
  /** Samples per run; default: chosen by size, at most 16. A model of fixed batch has its own. */
  readonly batch?: number;
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
  const { batch, signal, onBatch, ...compileOptions } = options;
  const [windows, seqLen] = tokens.shape as [number, number];
  const size = samples.fixedBatch ?? batch ?? defaultBatch(graph, seqLen);
  const loss = emitTokenLoss(graph);
  const total = await withProgram(loss.graph, compileOptions, async (program) => {
    let sum = 0;
    for (let from = 0; from < windows; from += size) {
      signal?.throwIfAborted();
      const to = Math.min(windows, from + size);
      const feeds = new Map(samples.batch(from, to));
      feeds.set(loss.targets, rowsOf(tokens, from, to, samples.fixedBatch));
      const result = await program.run(feedsFor(program.inputs, feeds));
      sum += windowLosses(dataOf(result.get(loss.logProbability)!) as Float32Array, from, to, seqLen);
      onBatch?.(to, windows);
    }
    return sum;
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
