/** Runs a model region after region, so that only the values crossing between regions and one region's session are held. */
import type { Graph, TensorType, Value } from '../ir/types.js';
import { bake } from '../rewrite/bake.js';
import { extract } from '../rewrite/extract.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Region } from './region.js';
import type { Schedule } from './schedule.js';

export type Feeds = ReadonlyMap<Value, Tensor>;

export interface Walk {
  readonly graph: Graph;
  /** Of every value that crosses into a region; sizes are not looked at, so batches may differ. */
  readonly types: ReadonlyMap<Value, TensorType>;
  readonly schedule: Schedule;
  /** What to feed the whole graph, batch by batch; iterated once. */
  readonly batches: Iterable<Feeds>;
  readonly engine: CompileOptions;
  readonly signal?: AbortSignal;
}

export interface Stage {
  readonly index: number;
  readonly region: Region;
  /** The region alone, its inputs typed by `types` of the walk. */
  readonly graph: Graph;
  /** What its inputs were, batch by batch, the regions before having the weights that were returned for them. */
  readonly feeds: readonly Feeds[];
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
  // a weight may be used again in a later region, so replaced ones stay replaced
  let graph = walk.graph;
  let held = await runAll(extract(graph, prelude.inputs, prelude.outputs), walk.batches, engine, walk.signal);
  held = held.map((values) => keep(values, (value) => lastUse.has(value)));
  for (const [index, region] of regions.entries()) {
    walk.signal?.throwIfAborted();
    const feeds = held.map((values) => pick(values, region.inputs));
    const weights = await visit({ index, region, graph: extract(graph, region.inputs, region.outputs), feeds, engine });
    if (index === regions.length - 1) return;
    graph = bake(graph, weights);
    const after = await runAll(extract(graph, region.inputs, region.outputs), feeds, engine, walk.signal);
    const isNeeded = (value: Value): boolean => (lastUse.get(value) ?? -1) > index;
    held = held.map((values, batch) => keep(new Map([...values, ...(after[batch] as Feeds)]), isNeeded));
  }
}

/** What every batch holds after running `graph` on it: its own values and the outputs. */
async function runAll(
  graph: Graph,
  batches: Iterable<Feeds>,
  engine: CompileOptions,
  signal: AbortSignal | undefined,
): Promise<Feeds[]> {
  if (graph.outputs.length === 0) return [...batches];
  return withProgram(graph, engine, async (program) => {
    const results: Feeds[] = [];
    for (const batch of batches) {
      signal?.throwIfAborted();
      results.push(new Map([...batch, ...(await program.run(pick(batch, program.inputs)))]));
    }
    return results;
  });
}

const pick = (values: Feeds, wanted: readonly Value[]): Feeds =>
  new Map(wanted.map((value) => [value, values.get(value) as Tensor]));

const keep = (values: Feeds, isNeeded: (value: Value) => boolean): Feeds =>
  new Map([...values].filter(([value]) => isNeeded(value)));

/** Ranks without sizes: the same session serves a short last batch. */
const withoutSizes = (types: ReadonlyMap<Value, TensorType>): Map<Value, TensorType> =>
  new Map(
    [...types].map(([value, { dtype, shape }]) => [value, shape ? { dtype, shape: shape.map(() => null) } : { dtype }]),
  );
