/** observe: statistics of what layers multiply, computed and added up inside the graph while samples run through it. */
import { UserError } from '../errors.js';
import { valuesByName } from '../ir/graph.js';
import type { Graph, Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';
import { builderFor } from '../ops/builder.js';
import type { Layer, Use } from '../ops/layers.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import { sizeOf } from '../tensor/dtype.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';
import { type ObserverName, observers } from './observers.js';

/** Statistics of one layer over all samples of all its uses. Layers that see the same columns share the arrays. */
export interface LayerStatistics extends Readonly<Partial<Record<ObserverName, Float64Array>>> {
  /** How many columns vectors each matrix of the stack has seen. */
  readonly samples: number;
}

export interface ObserveOptions extends CompileOptions {
  /** Checked between runs. */
  readonly signal?: AbortSignal;
  /** Called after each batch with the number of batches done. */
  readonly onBatch?: (done: number) => void;
}

type Batches = Iterable<ReadonlyMap<Value, Tensor>> | AsyncIterable<ReadonlyMap<Value, Tensor>>;

/**
 * Runs `batches` through `graph` once and returns what each layer's uses in it multiply, summarised as `needs` asks.
 *
 * Statistics are taken in float32 per batch and added up in float64. Uses that see equal columns are observed once, and
 * columnNorm is read off the diagonal where gram is asked for too. Nothing but statistics leaves the runtime.
 * @param layers found in `graph` or in the graph it was extracted from.
 * @param batches feeds of the graph; dimensions may differ from batch to batch.
 * @throws UserError when a layer has no use in the graph, or there is no batch.
 */
export async function observe(
  graph: Graph,
  layers: readonly Layer[],
  needs: readonly ObserverName[],
  batches: Batches,
  options: ObserveOptions = {},
): Promise<Map<Layer, LayerStatistics>> {
  if (layers.length === 0) return new Map();
  const { signal, onBatch, ...compileOptions } = options;
  const names = [...new Set(needs)].filter((name) => name !== 'columnNorm' || !needs.includes('gram'));
  const seen = usesIn(graph, layers);
  const { observed, sources } = instrument(graph, seen, names);
  let done = 0;
  await withProgram(observed, compileOptions, async (program) => {
    for await (const batch of batches) {
      signal?.throwIfAborted();
      take(sources, await program.run(new Map([...batch, ...stateOf(sources)])));
      done++;
      onBatch?.(done);
    }
  });
  if (done === 0) throw new UserError('observe', 'expected at least one batch, got none');
  const byKey = new Map([...sources].map(([key, source]) => [key, finish(source, needs)]));
  return new Map([...seen].map(([layer, uses]) => [layer, together(uses.map(({ key }) => byKey.get(key)!))]));
}

/** What one key sees, and the state of its statistics. */
interface Source {
  readonly stacks: number;
  readonly columns: number;
  readonly count: Value;
  readonly tracked: readonly Tracked[];
  samples: number;
}

/** A piece of a statistic: it enters a run as `before` and leaves it as `after`. */
interface Tracked {
  readonly name: ObserverName;
  readonly before: Value;
  readonly after: Value;
  state: Tensor;
}

/** By layer, its uses in that graph. @throws UserError for a layer without any. */
export function usesIn(graph: Graph, layers: readonly Layer[]): Map<Layer, readonly Use[]> {
  const values = new Set(valuesByName(graph).values());
  const nodes = new Set(graph.nodes);
  return new Map(
    layers.map((layer) => {
      const uses = layer.uses.filter(({ data, node }) => (data ? values.has(data) : nodes.has(node)));
      if (uses.length === 0)
        throw new UserError('observe', `layer '${layer.name}' is not used in graph '${graph.name}'`);
      return [layer, uses];
    }),
  );
}

function instrument(graph: Graph, seen: ReadonlyMap<Layer, readonly Use[]>, names: readonly ObserverName[]) {
  const g = builderFor(graph);
  const sources = new Map<string, Source>();
  for (const [layer, uses] of seen) {
    for (const use of uses) if (!sources.has(use.key)) sources.set(use.key, emitSource(g, layer, use, names));
  }
  const all = [...sources.values()];
  const tracked = all.flatMap((source) => source.tracked);
  const silent = g.appendTo({ ...graph, outputs: [] });
  const observed: Graph = {
    ...silent,
    inputs: [...graph.inputs, ...tracked.map(({ before }) => before)],
    outputs: [...tracked.map(({ after }) => after), ...all.map(({ count }) => count)],
  };
  return { observed, sources };
}

function emitSource(g: Builder, layer: Layer, use: Use, names: readonly ObserverName[]): Source {
  const { stacks, columns } = layer.layout;
  const x = use.columns(g);
  const tracked = names.flatMap((name) => {
    const { pieces, emit } = observers[name];
    const made = emit(g, x, stacks, columns);
    return pieces(stacks, columns).map((shape, i) => track(g, name, shape, made[i] as Value));
  });
  return { stacks, columns, count: g.slice(g.op('Shape', [x]), [1], [2], [0]), tracked, samples: 0 };
}

const combining = { sum: 'Add', max: 'Max', min: 'Min' } as const;
const neutral = { sum: 0, max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY } as const;

function track(g: Builder, name: ObserverName, shape: readonly number[], piece: Value): Tracked {
  const { combine } = observers[name];
  const before = g.value(name, { dtype: 'float64', shape });
  const after = g.op(combining[combine], [before, g.op('Cast', [piece], { to: 11 })]);
  const state = tensor('float64', shape, new Float64Array(sizeOf(shape)).fill(neutral[combine]));
  return { name, before, after, state };
}

const stateOf = (sources: ReadonlyMap<string, Source>): [Value, Tensor][] =>
  [...sources.values()].flatMap(({ tracked }) => tracked.map(({ before, state }): [Value, Tensor] => [before, state]));

function take(sources: ReadonlyMap<string, Source>, results: ReadonlyMap<Value, Tensor>): void {
  for (const source of sources.values()) {
    source.samples += Number(dataOf(results.get(source.count)!)[0]);
    for (const piece of source.tracked) piece.state = results.get(piece.after)!;
  }
}

function finish({ stacks, columns, tracked, samples }: Source, needs: readonly ObserverName[]): LayerStatistics {
  const names = [...new Set(tracked.map(({ name }) => name))];
  const joined = names.map((name) => {
    const pieces = tracked.filter((piece) => piece.name === name).map(({ state }) => dataOf(state) as Float64Array);
    return [name, observers[name].join(pieces, stacks, columns)] as const;
  });
  const statistics: Partial<Record<ObserverName, Float64Array>> = Object.fromEntries(joined);
  if (needs.includes('columnNorm') && statistics.gram) statistics.columnNorm = diagonals(statistics.gram, columns);
  return { samples, ...statistics };
}

const diagonals = (gram: Float64Array, columns: number): Float64Array =>
  Float64Array.from({ length: gram.length / columns }, (_, i) => gram[i * columns + (i % columns)]!);

/** The statistics of several uses of one layer as one. */
function together([first, ...others]: readonly LayerStatistics[]): LayerStatistics {
  return others.reduce((sum, other) => {
    const names = Object.keys(observers).filter((name) => name in sum) as ObserverName[];
    const joined = names.map((name) => [name, sum[name]!.map((value, i) => merge(name, value, other[name]![i]!))]);
    return { samples: sum.samples + other.samples, ...Object.fromEntries(joined) };
  }, first!);
}

function merge(name: ObserverName, a: number, b: number): number {
  const { combine } = observers[name];
  return combine === 'sum' ? a + b : combine === 'max' ? Math.max(a, b) : Math.min(a, b);
}
