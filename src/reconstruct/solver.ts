/** Solvers: from what a region is fed and what it should answer to the weights that do it best under their masks. */
import type { FitProgress } from '../fit/index.js';
import type { Graph, Value } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import type { CompileOptions } from '../runtime/program.js';
import type { Tensor } from '../tensor/tensor.js';

export interface RegionTask {
  /** What errors call it. */
  readonly name?: string;
  /** The region with its masks applied; weights and inputs are the working copy's own values. */
  readonly graph: Graph;
  /** The same region as the dense model has it: what gives the targets. */
  readonly dense: Graph;
  /** The layers that are pruned in it, as the working copy has them. */
  readonly layers: readonly Layer[];
  /** float32, in the shape of the stored weight, 1 where kept. */
  readonly masks: ReadonlyMap<Value, Tensor>;
  /** What may move: layers' weights, biases, norms. */
  readonly parameters: readonly Value[];
  readonly data: RegionData;
  /** Held out: decides what is best, where given. */
  readonly heldOut?: RegionData;
  readonly engine: CompileOptions;
  /** Of every random choice. */
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Where a descent that was interrupted goes on. */
  readonly from?: FitProgress;
  /** Called after each epoch of a descent with all that is needed to go on. */
  onEpoch?(progress: FitProgress): Promise<void>;
  onProgress?(done: number, total: number): void;
}

/** Batch by batch; equal in shape, read when asked for. */
export interface RegionData {
  readonly count: number;
  /** By input of the region. */
  inputs(index: number): ReadonlyMap<Value, Tensor>;
  /** What the dense region was fed to give the targets; absent where these are the inputs themselves. */
  teacher?(index: number): ReadonlyMap<Value, Tensor>;
  /** By output of the region. */
  targets(index: number): ReadonlyMap<Value, Tensor>;
}

export interface Solution {
  /** float32; zeros of the masks are +0 to the bit. Parameters that did not move are left out. */
  readonly weights: ReadonlyMap<Value, Tensor>;
  /** What has to be added beside layers, by their weight; absent unless the adapter keeps nodes of its own. */
  readonly added?: ReadonlyMap<Value, LowRank>;
  /** The region's loss on the data that decides, before and after; never higher after. */
  readonly before: number;
  readonly after: number;
  /** The loss of each step, where there are steps. */
  readonly losses: readonly number[];
  /** The judged loss, at the start and after each epoch. */
  readonly judged: readonly number[];
}

/** scale · B A, to be added to what a layer multiplies by. */
export interface LowRank {
  /** float32, [stacks, rank, columns]. */
  readonly A: Tensor;
  /** float32, [stacks, rows, rank]. */
  readonly B: Tensor;
  readonly scale: number;
}

export type Solver = (task: RegionTask) => Promise<Solution>;

/** Of a region without anything that may move. */
export const unmoved: Solution = { weights: new Map(), before: 0, after: 0, losses: [], judged: [] };
