/** What `scalpel eval` asks for, and the document it answers with. */
import type { Provenance } from '../../data/index.js';
import type { Quality } from '../quality.js';
import type { DataRequest, EngineRequest, MetricName } from '../requests.js';

export interface EvalRequest {
  readonly model: string;
  readonly data: DataRequest;
  readonly metric: MetricName;
  readonly engine: EngineRequest;
}

export type EvalDocument = Quality & {
  readonly schemaVersion: 1;
  readonly kind: 'eval';
  readonly model: string;
  readonly provider: string;
  readonly data: Provenance;
  /** Everything that differs between two equal runs. */
  readonly timing: { readonly totalSeconds: number };
};
