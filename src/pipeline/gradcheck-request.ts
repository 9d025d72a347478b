/** What `scalpel gradcheck` asks for, and the document it answers with. */
import type { Difference } from '../autodiff/differences.js';
import type { Provenance } from '../data/index.js';
import type { Differentiation } from './grad-request.js';
import type { DataRequest, EngineRequest } from './requests.js';

export interface GradcheckRequest extends Differentiation {
  /** Absent: random numbers. */
  readonly data?: DataRequest;
  readonly seed: number;
  /** Random directions and single entries per array. */
  readonly directions: number;
  readonly entries: number;
  /** Absent: 1e-5 in float64, 5e-2 in float32. */
  readonly tolerance?: number;
  readonly engine: EngineRequest;
}

export interface GradcheckDocument {
  readonly schemaVersion: 1;
  readonly kind: 'gradcheck';
  readonly model: string;
  readonly of: string;
  readonly loss?: string;
  /** What was differentiated, at the data. */
  readonly value: number;
  /** float64 where the runtime has all kernels for it. */
  readonly dtype: 'float32' | 'float64';
  readonly tolerance: number;
  readonly passed: boolean;
  readonly checked: number;
  /** Left out: the function has a kink there. */
  readonly kinks: number;
  /** The worst first. */
  readonly worst: readonly CheckedEntry[];
  readonly data: Provenance;
  readonly provider: string;
  readonly timing: { readonly totalSeconds: number };
}

/** As measured; a single entry also by its indices. */
export type CheckedEntry = Difference & { readonly indices?: readonly number[] };
