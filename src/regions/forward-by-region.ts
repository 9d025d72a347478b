/** Runs a whole model region after region: for models that do not fit into memory at once. */
import { feeds } from '../ir/graph.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { findLayers } from '../ops/layers.js';
import { annotate } from '../runtime/annotate.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import type { Shelf } from '../tensor/shelf.js';
import { borderOf } from './border.js';
import type { Feeds } from './crossings.js';
import { granularities } from './granularity.js';
import { propagate } from './propagate.js';
import type { Region } from './region.js';
import { type Schedule, schedule } from './schedule.js';
import { findRegions } from './structure.js';

export interface ForwardByRegionOptions extends CompileOptions {
  /** Where values between blocks wait; default: in memory. */
  readonly shelf?: Shelf;
  readonly signal?: AbortSignal;
}

/**
 * Hands over the outputs of `graph` for every batch, in order, with the weights of one block in memory at a time.
 * @param batches feeds by name; iterated once, before the first outputs come.
 */
export async function forwardByRegion(
  graph: Graph,
  batches: Iterable<Feeds>,
  options: ForwardByRegionOptions,
  each: (outputs: Feeds, batch: number) => void,
): Promise<void> {
  const { shelf, signal, ...engine } = options;
  const types = await annotate(graph);
  const plan = scheduleOf(graph, types);
  const walk = { graph, types, schedule: plan, batches: byName(graph, batches), engine };
  await propagate({ ...walk, ...(shelf && { shelf }), ...(signal && { signal }) }, async (stage) => {
    if (stage.index < plan.regions.length - 1) return new Map();
    await withProgram(stage.graph, stage.engine, async (program) => {
      for (let i = 0; i < stage.feeds.count; i++) {
        signal?.throwIfAborted();
        each(await program.run(stage.feeds.at(i)), i);
      }
    });
    return new Map();
  });
}

/** The blocks in order, the last one widened to all that the outputs still need. */
function scheduleOf(graph: Graph, types: ReadonlyMap<Value, TensorType>): Schedule {
  const { layers } = findLayers(graph, types);
  const structure = findRegions(graph, layers, types);
  const plan = schedule(structure, granularities.block(structure), layers);
  const regions = plan.regions.slice(0, -1);
  const made = new Set([...feeds(graph), ...plan.prelude.outputs, ...regions.flatMap(({ outputs }) => outputs)]);
  const inputs = borderOf(graph, graph.outputs, made);
  const rest: Region = { name: 'rest', kind: 'glue', inputs, outputs: graph.outputs, layers: [], nodes: [] };
  const lastUse = new Map(plan.lastUse);
  for (const value of inputs) lastUse.set(value, regions.length);
  return { ...plan, regions: [...regions, rest], lastUse };
}

function* byName(graph: Graph, batches: Iterable<Feeds>): Generator<Feeds> {
  const inputs = new Map(feeds(graph).map((value) => [value.name, value]));
  for (const batch of batches) {
    yield new Map([...batch].flatMap(([{ name }, tensor]) => (inputs.has(name) ? [[inputs.get(name)!, tensor]] : [])));
  }
}
