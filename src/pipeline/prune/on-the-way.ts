/** Pruning within a reconstruction: a unit is pruned when the walk reaches the first region that holds a layer of it. */
import { observe } from '../../calibrate/observe.js';
import type { Graph, Value } from '../../ir/types.js';
import type { Layer } from '../../ops/layers.js';
import type { Statistics } from '../../prune/index.js';
import { borderOf } from '../../regions/border.js';
import type { Region } from '../../regions/index.js';
import { withWeights } from '../../regions/propagate.js';
import type { PairStage } from '../../regions/propagate-pair.js';
import { extract } from '../../rewrite/extract.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Masking } from '../reconstruct/loop.js';
import { masksIn } from './kept-masks.js';
import { forWorkingCopy, type PruneWork } from './loop.js';
import type { Units } from './units.js';

/** A region of several units has them pruned one after the other, each seeing the earlier ones masked and not yet fitted. */
export function pruneOnTheWay(work: PruneWork, units: Units): Masking {
  const pruned = new Set<Layer>();
  const done = new Set<number>();
  return {
    keepsSparse: !units.isIndependent,
    isPruned: (layer) => pruned.has(layer),
    maskOf: masksIn(work.run, work.schedule.regions),
    async before(stage) {
      const own = new Set(stage.region.layers);
      const made = new Map<Value, Tensor>();
      for (const [index, unit] of work.schedule.regions.entries()) {
        const layers = units.layersOf(unit);
        if (done.has(index) || !layers.some((layer) => own.has(layer))) continue;
        const step = await units.prune(index, (wanted) =>
          observeAhead(withWeights(stage.graph, made), unit, wanted, stage, work),
        );
        done.add(index);
        const weights = forWorkingCopy(layers, step);
        for (const [value, t] of weights) made.set(value, t);
        for (const layer of layers) if (weights.has(layer.weight)) pruned.add(layer);
      }
      return made;
    },
  };
}

/** Statistics of layers from what the sparse path holds at this stage: up to them, the model is run as it is now. */
async function observeAhead(
  graph: Graph,
  unit: Region,
  layers: readonly Layer[],
  { sparse, engine }: PairStage,
  { pruner, context }: PruneWork,
): Promise<ReadonlyMap<Layer, Statistics>> {
  if (!sparse || layers.length === 0) return new Map();
  const inside = new Set(unit.nodes);
  const ends = layers.flatMap(({ uses }) =>
    uses.filter(({ node }) => inside.has(node)).flatMap(({ node }) => node.outputs.filter((value) => value !== null)),
  );
  const border = borderOf(graph, ends, sparse.values);
  const part = extract(graph, border, [...new Set(ends)]);
  return observe(part, layers, pruner.needs, sparse.feeds(border), { ...engine, signal: context.signal });
}
