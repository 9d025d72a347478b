/** What every command asks of its job, as plain data: it crosses to the job process and stands in manifests and reports. */
import type { SampleOptions } from '../data/index.js';
import type { ProviderName } from '../runtime/providers.js';

/** Files of samples and how to read them; what is absent is the descriptor's, or told from the files and the model. */
export interface DataRequest extends Omit<SampleOptions, 'model' | 'order'> {
  /** Files, globs or folders of data, or one descriptor (.yaml, .json). */
  readonly files: readonly string[];
}

/** How graphs are run. */
export interface EngineRequest {
  readonly provider: ProviderName | 'auto';
  readonly providerOptions?: Readonly<Record<string, string>>;
  /** Absent: the runtime's default. */
  readonly threads?: number;
  /** Samples per run; absent: chosen by the job. */
  readonly batch?: number;
  /** Bytes of memory to plan with; absent: half of what is free. Results do not depend on it. */
  readonly memory?: number;
  /** In what precision values wait between regions; absent: float32. */
  readonly activations?: 'float32' | 'float16';
}

/** Which quality figure is the headline; `auto` takes perplexity for language models and top-1 for labelled data. */
export const metricNames = ['auto', 'perplexity', 'top1', 'auc', 'f1', 'log-loss', 'ece'] as const;

export type MetricName = (typeof metricNames)[number];
