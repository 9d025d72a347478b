/** What a pruning criterion is, and what it is given: one layer's weight, its statistics and a few plain options. */
import type { Linalg } from '../linalg/linalg.js';
import type { Group } from '../masks/patterns.js';
import type { Selection } from '../masks/select.js';
import type { MatrixStack } from '../tensor/matrix.js';

/** Sums over the calibration samples, per stack. Only what the pruner `needs` has to be there. */
export interface Statistics {
  /** Rows of input that were added up. */
  readonly samples?: number;
  /** Sum of x squared: [stacks * columns]. */
  readonly columnNorm?: Float64Array;
  /** Sum of x xᵀ: [stacks * columns * columns]. */
  readonly gram?: Float64Array;
}

export type StatisticName = 'columnNorm' | 'gram';

/** The numbers methods leave open; the defaults are the published ones. */
export interface PrunerOptions {
  /** RIA: the power of the activation norm, in [0, 1]; default 0.5. */
  readonly riaAlpha?: number;
  /** SparseGPT: added to the Gram matrix, relative to its mean diagonal; default 0.01. */
  readonly damping?: number;
  /** SparseGPT: columns decided at once; default 128. */
  readonly blockSize?: number;
}

/** The large products that SparseGPT leaves to the runtime. */
export type Products = Pick<Linalg, 'matmul' | 'inverseFactor'>;

export interface LayerInput {
  /** Name of the layer: it stands in messages and seeds random numbers. */
  readonly layer: string;
  /** Never written to. */
  readonly weight: MatrixStack;
  readonly statistics: Statistics;
  readonly seed: number;
  readonly options: PrunerOptions;
  readonly linalg?: Products;
  /** Told what else happened; the text does not name the layer. */
  readonly log?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface Pruned {
  /** [stacks * rows * columns]; removed weights are +0. */
  readonly weight: Float32Array;
  /** 1 where kept. */
  readonly mask: Uint8Array;
  readonly removed: number;
  /** What the reader of a report should know: columns left dense, damping raised. */
  readonly notes: readonly string[];
  /** Why nothing was done, when the pattern does not fit the layer. */
  readonly skipped?: string;
}

export interface Pruner {
  readonly name: string;
  /** `mask`: kept weights stay as they are; `update`: they make up for the removed ones. */
  readonly kind: 'mask' | 'update';
  /** One line for the table of methods and `--help`. */
  readonly description: string;
  /** Authors, title, arXiv id; empty where there is no one source. */
  readonly paper: string;
  readonly needs: readonly StatisticName[];
  /** Which weights are compared with each other unless the user says otherwise. */
  readonly group: Group;
  /** How much each weight matters, [stacks * rows * columns]: the smallest go first. */
  score(input: LayerInput): Float32Array | Promise<Float32Array>;
  /** Its own pruning, where scores alone do not decide. */
  prune?(input: LayerInput, selection: Selection): Promise<Pruned>;
}
