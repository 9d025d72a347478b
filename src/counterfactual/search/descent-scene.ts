/** A descent about to begin: what it is set to, and what it moves. */
import type { momenta } from '../../optim/apg.js';
import type { Objective } from '../../oracle/objectives.js';
import type { Case } from '../case.js';
import type { KeepTo } from './limits.js';
import type { Sparsity } from './sparsity.js';
import type { schedules } from './steps.js';

/** `auto`: for tables, whose networks are quick; of others a step is long, and nothing is gained. */
export const loopings = ['auto', 'yes', 'no'] as const;

export interface Descent {
  readonly steps: number;
  readonly step: number;
  readonly schedule: keyof typeof schedules;
  readonly momentum: (typeof momenta)[number];
  readonly 'line-search': boolean;
  readonly loop: (typeof loopings)[number];
  readonly beta: number;
  readonly sparsity: Sparsity;
  /** See `ApgOptions`. */
  readonly metric: Float32Array;
  readonly weights: Float64Array;
  readonly scales: Float32Array;
  /** Elements that may change, as those of `x`; default: all. */
  readonly free?: Uint8Array;
  /** Where it starts; default: at the instances. */
  readonly from?: Float32Array;
  /** Linear limits that every step ends within. */
  readonly keepTo?: KeepTo | undefined;
}

/** A descent about to begin. */
export interface Scene {
  readonly asked: Case;
  readonly objective: Objective;
  readonly open: readonly number[];
  /** The instances that are open, packed. */
  readonly start: Float32Array;
  /** Of the change of each instance, packed as the case. */
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  /** Of those that are open, packed: overwritten with where the descents end. */
  readonly changes: Float32Array;
}
