/** What `scalpel shrink` asks for, resolved from the command line: plain data with every default filled in. */
import type { DepthKind } from '../../depth/kinds.js';
import type { Kind } from '../../groups/kinds.js';
import type { BlockCriterionName } from '../../prune/blocks/index.js';
import type { UnitCriterionName } from '../../prune/units/index.js';
import type { OutputRequest, RunRequest } from '../prune/request.js';
import type { ReconstructionRequest } from '../reconstruct/request.js';

export type ShrinkRequest = UnitsRequest | BlocksRequest;

/** What the two have in common. */
export interface AnyShrinkRequest extends RunRequest {
  readonly amount: AmountRequest;
  /** Fits what is left again, before the units go; of blocks, as a whole alone. */
  readonly reconstruction?: ReconstructionRequest;
  /** Absent in a dry run. */
  readonly output?: OutputRequest;
}

/** Width: some of the channels, neurons, heads or states of layers. */
export interface UnitsRequest extends AnyShrinkRequest {
  readonly takes: 'units';
  /** What may go. */
  readonly units: readonly Kind[];
  readonly criterion: UnitCriterionName;
  readonly allocation: 'uniform' | 'global';
  /** Counts that stay are multiples of it, but for heads. */
  readonly multiple: number;
  /** The share of each group that stays in any case. */
  readonly least: number;
  /** Whether what units gave on average is added to the biases behind them. */
  readonly compensate: boolean;
}

/** Depth: whole residual blocks or branches. */
export interface BlocksRequest extends AnyShrinkRequest {
  readonly takes: 'blocks';
  readonly depth: DepthKind;
  readonly criterion: BlockCriterionName;
}

export type AmountRequest =
  | { readonly kind: 'sparsity'; readonly sparsity: number }
  /** What the model is to come down to, as a fraction of what it has now. */
  | { readonly kind: 'target'; readonly of: TargetOf; readonly fraction: number };

export const targetsOf = ['parameters', 'flops', 'bytes', 'latency'] as const;

export type TargetOf = (typeof targetsOf)[number];

/** What goes unless the user says otherwise: what some matrix reads, so that it can be fitted again, and few layers share. */
export const usualUnits = [
  'channels',
  'neurons',
  'heads',
  'kv-groups',
  'recurrent-units',
] as const satisfies readonly Kind[];
