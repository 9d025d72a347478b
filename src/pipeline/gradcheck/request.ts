/** What `scalpel gradcheck` asks for, and the document it answers with. */
import type { Difference } from '../../autodiff/differences.js';
import type { Provenance } from '../../data/index.js';
import type { Differentiation } from '../grad/request.js';
import type { DataRequest, EngineRequest } from '../requests.js';

/** Largest error of a difference, relative to the gradient. */
export const tolerances = { float64: 1e-5, float32: 1e-3 } as const;

/** Of the gradients as they are written, relative to the largest entry of all in float64. */
export const float32Tolerance = 1e-3;

export interface GradcheckRequest extends Differentiation {
  /** Absent: random numbers. */
  readonly data?: DataRequest;
  readonly seed: number;
  /** Random directions and single entries per array. */
  readonly directions: number;
  readonly entries: number;
  /** Absent: that of the precision, in `tolerances`. */
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
  /** That the differences are taken in: float64, unless an op has neither a kernel for it nor an equivalent. */
  readonly dtype: 'float32' | 'float64';
  readonly tolerance: number;
  readonly passed: boolean;
  readonly checked: number;
  /** Left out: the function has a kink there. */
  readonly kinks: number;
  /** Left out: no step gives the difference to half the tolerance. */
  readonly unclear: number;
  /** How far the gradients as they are written, in float32, are from float64, relative to the largest entry; 0 where nothing is in float64. */
  readonly float32Error: number;
  /** The worst first. */
  readonly worst: readonly CheckedEntry[];
  readonly data: Provenance;
  readonly provider: string;
  readonly timing: { readonly totalSeconds: number };
}

/** As measured; a single entry also by its indices. */
export type CheckedEntry = Difference & { readonly indices?: readonly number[] };
