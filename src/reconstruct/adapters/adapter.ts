/** Adapters: what of a region a descent moves, and what that makes of the region's own weights. */
import type { Graph, Value } from '../../ir/types.js';
import type { CompileOptions } from '../../runtime/program.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { LowRank, RegionTask } from '../solver.js';

export interface Adapter {
  readonly name: string;
  /** One line for the table of methods and `--help`. */
  readonly description: string;
  /** Authors, title, arXiv id; empty where there is no one source. */
  readonly paper: string;
  /** Why it stays beside the weights as nodes of its own; absent where it is merged into them. */
  readonly staysBeside?: string;
  adapt(scene: Scene): Adapted;
}

export type Scene = Pick<RegionTask, 'graph' | 'layers' | 'masks' | 'parameters' | 'seed'>;

/** A region rewritten so that other tensors than its own weights are descended on. */
export interface Adapted {
  /** With the region's inputs and outputs; at its start it computes what the region does. */
  readonly graph: Graph;
  /** What moves: initializers of `graph`. */
  readonly trained: readonly Value[];
  /** Of the trained, those that have a mask. */
  readonly masks: ReadonlyMap<Value, Tensor>;
  /** Whether the merged region computes what the adapted one does. */
  readonly isExact: boolean;
  /** @param trained by name. */
  merge(trained: ReadonlyMap<string, Tensor>, engine: CompileOptions): Promise<Merged>;
}

export interface Merged {
  /** New weights of the region, as they are stored; what masks remove is +0 to the bit. */
  readonly weights: ReadonlyMap<Value, Tensor>;
  /** What has to be added beside layers, by their weight; empty unless the adapter stays beside them. */
  readonly added: ReadonlyMap<Value, LowRank>;
}

/** Some of the region's own parameters, as they are. */
export function own({ graph, masks }: Scene, trained: readonly Value[]): Adapted {
  return {
    graph,
    trained,
    masks: new Map([...masks].filter(([value]) => trained.includes(value))),
    isExact: true,
    async merge(found) {
      return { weights: new Map(trained.map((value) => [value, found.get(value.name) as Tensor])), added: new Map() };
    },
  };
}
