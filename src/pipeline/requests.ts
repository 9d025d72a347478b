/** What every command asks of its job, as plain data: it crosses to the job process and stands in manifests and reports. */
import type { ProviderName } from '../runtime/providers.js';

/** Files of samples and how to read them. */
export interface DataRequest {
  /** Text, JSONL, .npy, .npz or one descriptor (.yaml, .json). */
  readonly files: readonly string[];
  /** A tokenizer.json; absent: the descriptor's, or the one beside the model. */
  readonly tokenizer?: string;
  /** The field of each JSONL line that holds the text. */
  readonly field?: string;
  /** Tokens per window. */
  readonly seqLen?: number;
  /** Samples taken; absent: the descriptor's number, or all. */
  readonly samples?: number;
  /** Absent: the descriptor's, or 0. */
  readonly seed?: number;
}

/** How graphs are run. */
export interface EngineRequest {
  readonly provider: ProviderName | 'auto';
  readonly providerOptions?: Readonly<Record<string, string>>;
  /** Absent: the runtime's default. */
  readonly threads?: number;
  /** Samples per run; absent: chosen by the job. */
  readonly batch?: number;
}

/** Which quality figure is measured; `auto` takes perplexity for language models and top-1 for labelled data. */
export type MetricName = 'auto' | 'perplexity' | 'top1';
