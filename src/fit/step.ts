/** One step of descent as a graph: forward, backward, mask, clip, optimiser. */
import { gradientGraph } from '../autodiff/gradient-graph.js';
import { loop } from '../autodiff/loop.js';
import { prepare } from '../autodiff/prepare.js';
import { feeds, valuesByName } from '../ir/graph.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import { clipByNorm, type Optimiser } from '../optim/index.js';
import { call } from '../rewrite/call.js';
import { lift } from '../rewrite/lift.js';
import { simplify } from '../rewrite/simplify.js';
import { substitute } from '../rewrite/substitute.js';

export interface StepOptions {
  readonly optimiser: Optimiser;
  /** The largest joint norm of the gradients; absent: no clipping. */
  readonly clip?: number;
  /** Batches whose gradients are averaged for one step; default 1. */
  readonly accumulate?: number;
  /** Whether convolutions over series are taken by tiles: half of the time, five to twenty times the rounding errors. Default true. */
  readonly tiles?: boolean;
}

export interface StepGraph {
  readonly graph: Graph;
  readonly loss: Value;
  /** By name of the trained weight: what goes in and what comes out, the weight first, then the optimiser's slots. */
  readonly state: ReadonlyMap<string, readonly { readonly before: Value; readonly after: Value }[]>;
  /** By name of a weight: its mask, float32 in its shape, 1 where kept. */
  readonly masks: ReadonlyMap<string, Value>;
  /** Inputs of the problem, one batch each; with one more axis in front, of `accumulate`, where that is above 1. */
  readonly batch: readonly Value[];
  readonly rate: Value;
  readonly count: Value;
}

/**
 * @param graph computes the scalar `loss` from its inputs; `weights` are initializers of it.
 * @param masked those of the weights that have a mask.
 */
export async function stepGraph(
  graph: Graph,
  loss: Value,
  weights: readonly Value[],
  masked: ReadonlySet<Value>,
  options: StepOptions,
): Promise<StepGraph> {
  const { optimiser, clip, accumulate = 1, tiles = true } = options;
  const slopes = await gradientsOf(graph, loss, weights, tiles);
  const whole = accumulate > 1 ? accumulated(slopes, accumulate) : slopes;
  const g = builderFor(whole.graph, 'step');
  const scalar: TensorType = { dtype: 'float32', shape: [] };
  const [rate, count] = [g.value('rate', scalar), g.value('count', scalar)];
  const masks = new Map(
    weights
      .filter((value) => masked.has(value))
      .map(({ name }) => [name, g.value(`mask/${name}`, whole.weights.get(name)!.type)]),
  );
  const names = weights.map(({ name }) => name);
  const raw = names.map((name) => {
    const gradient = whole.gradients.get(name)!;
    const mask = masks.get(name);
    return mask ? g.mul(gradient, mask) : gradient;
  });
  const gradients = clip === undefined ? raw : clipByNorm(g, raw, clip);
  // what the loop carries must say its type
  const ends = new Map<Value, Value>();
  const state = new Map(
    names.map((name, i) => {
      const weight = whole.weights.get(name)!;
      const slots = optimiser.slots.map((slot) => g.value(`${slot}/${name}`, weight.type));
      const next = optimiser.emit(g, { weight, gradient: gradients[i]!, slots, rate, count });
      const after = [next.weight, ...next.slots].map((value) => {
        const end = { ...value, ...(weight.type && { type: weight.type }) };
        ends.set(value, end);
        return end;
      });
      return [name, [weight, ...slots].map((before, j) => ({ before, after: after[j]! }))];
    }),
  );
  const slots = [...state.values()].flatMap(([, ...others]) => others.map(({ before }) => before));
  const open: Graph = {
    ...g.appendTo(whole.graph),
    inputs: [...whole.graph.inputs, ...slots, ...masks.values(), rate, count],
    outputs: [whole.loss, ...ends.keys()],
  };
  return {
    graph: substitute(open, (value) => ends.get(value) ?? value),
    loss: whole.loss,
    state,
    masks,
    batch: whole.batch,
    rate,
    count,
  };
}

interface Slopes {
  readonly graph: Graph;
  readonly loss: Value;
  readonly weights: ReadonlyMap<string, Value>;
  readonly gradients: ReadonlyMap<string, Value>;
  readonly batch: readonly Value[];
}

async function gradientsOf(graph: Graph, loss: Value, weights: readonly Value[], tiles: boolean): Promise<Slopes> {
  const names = new Set(weights.map(({ name }) => name));
  const prepared = await prepare({ ...lift(graph, weights), outputs: [loss] });
  const made = await gradientGraph(prepared, { of: loss.name, wrt: [...names], sum: true, tiles });
  const named = valuesByName(made.graph);
  const total = made.loss!;
  return {
    graph: simplify({ ...made.graph, outputs: [total, ...made.gradients.values()] }),
    loss: total,
    weights: new Map([...names].map((name) => [name, named.get(name)!])),
    gradients: made.gradients,
    batch: feeds(made.graph).filter(({ name }) => !names.has(name)),
  };
}

/** Mean loss and mean gradients over `count` batches, one after the other: the memory is that of one. */
function accumulated(slopes: Slopes, count: number): Slopes {
  const names = [...slopes.gradients.keys()];
  const inner = builderFor(slopes.graph, 'accumulate');
  const sums = names.map((name) => inner.value(`sum/${name}`, slopes.weights.get(name)!.type));
  const added = names.map((name, i) => inner.add(sums[i]!, slopes.gradients.get(name)!));
  const one = inner.appendTo({ ...slopes.graph, outputs: [] }, [...added, slopes.loss]);
  const body: Graph = { ...one, inputs: [...one.inputs, ...sums] };
  const looped = loop(body, count, { state: new Map(sums.map((sum, i) => [sum, added[i]!])), sliced: slopes.batch });

  const g = builderFor(looped, 'mean');
  const stacked = new Map(looped.inputs.map((value) => [value.name, value]));
  const weights = new Map(names.map((name) => [name, stacked.get(name)!]));
  const zeros = new Map(
    names.map((name, i) => {
      const shape = g.op('Shape', [weights.get(name)!]);
      return [sums[i]!.name, g.op('ConstantOfShape', [shape])];
    }),
  );
  const results = call(
    g,
    looped,
    looped.inputs.map((value) => zeros.get(value.name) ?? value),
  );
  const share = g.scalar(1 / count);
  const losses = results.at(-1)!;
  const graph: Graph = {
    ...looped,
    nodes: g.nodes,
    initializers: g.initializers,
    inputs: looped.inputs.filter(({ name }) => !zeros.has(name)),
    outputs: [],
  };
  return {
    graph,
    loss: g.mul(g.reduceSum(losses, [0]), share),
    weights,
    gradients: new Map(names.map((name, i) => [name, g.mul(results[i]!, share)])),
    batch: slopes.batch.map(({ name }) => stacked.get(name)!),
  };
}
