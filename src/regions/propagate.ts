/** Runs a model region after region, so that only the values crossing between regions and one region's session are held. */
import { valuesByName } from '../ir/graph.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { bake } from '../rewrite/bake.js';
import { extract } from '../rewrite/extract.js';
import type { CompileOptions } from '../runtime/program.js';
import { Shelf } from '../tensor/shelf.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Batches, Crossings, type Feeds } from './crossings.js';
import type { Region } from './region.js';
import type { Schedule } from './schedule.js';

export interface Walk {
  readonly graph: Graph;
  /** Of every value that crosses into a region; sizes are not looked at, so batches may differ. */
  readonly types: ReadonlyMap<Value, TensorType>;
  readonly schedule: Schedule;
  /** What to feed the whole graph, batch by batch; iterated once. */
  readonly batches: Iterable<Feeds>;
  readonly engine: CompileOptions;
  /** Where crossing values wait; default: in memory. */
  readonly shelf?: Shelf;
  readonly signal?: AbortSignal;
}

export interface Stage {
  readonly index: number;
  readonly region: Region;
  /** The region alone, its inputs typed by `types` of the walk. */
  readonly graph: Graph;
  /** What its inputs were, batch by batch, the regions before having the weights that were returned for them. */
  readonly feeds: Batches;
  readonly engine: CompileOptions;
}

/**
 * Visits the regions in order. A visit returns the weights with which the walk goes on (none: as they are).
 * Values are dropped once no later region reads them. Stops between two runs when the signal aborts.
 */
export async function propagate(
  walk: Walk,
  visit: (stage: Stage) => Promise<ReadonlyMap<Value, Tensor>>,
): Promise<void> {
  const { regions, prelude, lastUse } = walk.schedule;
  const engine = { ...walk.engine, types: withoutSizes(walk.types) };
  const crossings = new Crossings(walk.shelf ?? new Shelf());
  // a weight may be used again in a later region, so replaced ones stay replaced as long as one reads them
  const lastReader = lastReaders(walk.graph, regions);
  let replaced: ReadonlyMap<Value, Tensor> = new Map();
  const graphOf = (region: Region): Graph => withWeights(extract(walk.graph, region.inputs, region.outputs), replaced);
  try {
    const start = extract(walk.graph, prelude.inputs, prelude.outputs);
    await crossings.start(start, walk.batches, (value) => lastUse.has(value), engine, walk.signal);
    for (const [index, region] of regions.entries()) {
      walk.signal?.throwIfAborted();
      const feeds = crossings.feeds(region.inputs);
      const weights = await visit({ index, region, graph: graphOf(region), feeds, engine });
      if (index === regions.length - 1) return;
      replaced = new Map([...replaced, ...weights]);
      const isNeeded = (value: Value): boolean => (lastUse.get(value) ?? -1) > index;
      await crossings.advance(graphOf(region), isNeeded, engine, walk.signal);
      replaced = new Map([...replaced].filter(([value]) => (lastReader.get(value) ?? -1) > index));
    }
  } finally {
    crossings.clear();
  }
}

/** `graph` with those of the weights that are its own. */
export function withWeights(graph: Graph, weights: ReadonlyMap<Value, Tensor>): Graph {
  if (weights.size === 0) return graph;
  const known = valuesByName(graph);
  return bake(graph, new Map([...weights].filter(([value]) => known.get(value.name) === value)));
}

/** For each initializer and constant, the position of the last region that computes with it. */
export function lastReaders(graph: Graph, regions: readonly Region[]): ReadonlyMap<Value, number> {
  const last = new Map<Value, number>();
  regions.forEach(({ inputs, outputs }, index) => {
    const { initializers, nodes } = extract(graph, inputs, outputs);
    for (const value of [...initializers.keys(), ...nodes.flatMap((node) => node.outputs)])
      if (value) last.set(value, index);
  });
  return last;
}

/** Ranks without sizes: the same session serves a short last batch. */
export const withoutSizes = (types: ReadonlyMap<Value, TensorType>): Map<Value, TensorType> =>
  new Map(
    [...types].map(([value, { dtype, shape }]) => [value, shape ? { dtype, shape: shape.map(() => null) } : { dtype }]),
  );
