/** Gram matrices across two paths: what a layer multiplies on one against what it multiplies on the other, Σ x zᵀ. */
import { UserError } from '../errors.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { Builder, builderFor } from '../ops/builder.js';
import type { Layer, Use } from '../ops/layers.js';
import { call } from '../rewrite/call.js';
import { extract } from '../rewrite/extract.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import { sizeOf } from '../tensor/dtype.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';
import { usesIn } from './observe.js';

/** One path: a graph that computes what the layer multiplies, and its feeds batch by batch. */
export interface Path {
  readonly graph: Graph;
  feeds(index: number): ReadonlyMap<Value, Tensor>;
}

export interface CrossStatistics {
  /** Σ x zᵀ over all samples of all uses, [stacks, columns of x, columns of z]. */
  readonly cross: Float64Array;
  /** Σ z, [stacks, columns]. */
  readonly sum: Float64Array;
}

/**
 * Runs both paths batch by batch; sample by sample they belong together. Products are taken in float32 and added up in float64.
 * @param layer used in both graphs, equally often.
 * @throws UserError when there is no batch.
 */
export async function observeCross(
  layer: Layer,
  x: Path,
  z: Path,
  count: number,
  { signal, ...options }: CompileOptions & { readonly signal?: AbortSignal } = {},
): Promise<CrossStatistics> {
  if (count === 0) throw new UserError('observe', 'expected at least one batch, got none');
  const { stacks, columns } = layer.layout;
  const { graph, feedsOf, state } = instrument(layer, x.graph, typesOf(x.feeds(0)), z.graph, typesOf(z.feeds(0)));
  let held = [[stacks, columns, columns] as const, [stacks, columns] as const].map((shape) =>
    tensor('float64', shape, new Float64Array(sizeOf(shape))),
  );
  await withProgram(graph, options, async (program) => {
    for (let index = 0; index < count; index++) {
      signal?.throwIfAborted();
      const before = state.map((value, i): [Value, Tensor] => [value, held[i]!]);
      const results = await program.run(new Map([...feedsOf(x.feeds(index), z.feeds(index)), ...before]));
      held = graph.outputs.map((value) => results.get(value)!);
    }
  });
  const [cross, sum] = held.map((t) => dataOf(t) as Float64Array);
  return { cross: cross!, sum: sum! };
}

type Feeds = ReadonlyMap<Value, Tensor>;
type Types = ReadonlyMap<Value, TensorType>;

function instrument(layer: Layer, x: Graph, ofX: Types, z: Graph, ofZ: Types) {
  const g = new Builder([], 'cross');
  const enter = (graph: Graph, types: Types): Value[] =>
    graph.inputs.map((value) => g.value(value.name, types.get(value)));
  const [fedX, fedZ] = [enter(x, ofX), enter(z, ofZ)];
  const [left, right] = [call(g, columnsOf(x, layer), fedX), call(g, columnsOf(z, layer), fedZ)];
  const { stacks, columns } = layer.layout;
  const state = [
    g.value('cross', { dtype: 'float64', shape: [stacks, columns, columns] }),
    g.value('sum', { dtype: 'float64', shape: [stacks, columns] }),
  ];
  const added = (before: Value, parts: readonly Value[]): Value =>
    parts.reduce((sum, part) => g.add(sum, g.op('Cast', [part], { to: 11 })), before);
  const cross = added(
    state[0]!,
    left.map((each, i) => g.matmul(g.transpose(each, [0, 2, 1]), right[i]!)),
  );
  const sum = added(
    state[1]!,
    right.map((each) => g.reduceSum(each, [1])),
  );
  const graph: Graph = {
    ...x,
    inputs: [...fedX, ...fedZ, ...state],
    outputs: [cross, sum],
    nodes: g.nodes,
    initializers: g.initializers,
  };
  const feedsOf = (a: Feeds, b: Feeds): [Value, Tensor][] => [
    ...x.inputs.map((value, i): [Value, Tensor] => [fedX[i]!, a.get(value)!]),
    ...z.inputs.map((value, i): [Value, Tensor] => [fedZ[i]!, b.get(value)!]),
  ];
  return { graph, feedsOf, state };
}

/** The part of a graph that makes the columns of a layer, one output a use. */
function columnsOf(graph: Graph, layer: Layer): Graph {
  const uses = usesIn(graph, [layer]).get(layer) as readonly Use[];
  const g = builderFor(graph);
  const columns = uses.map((use) => use.columns(g));
  return extract(g.appendTo({ ...graph, outputs: [] }, columns), graph.inputs, columns);
}

/** Ranks without sizes: batches may differ. */
const typesOf = (feeds: Feeds): Types =>
  new Map([...feeds].map(([value, { dtype, shape }]) => [value, { dtype, shape: shape.map(() => null) }]));
