/** One step of descent as a graph: forward, backward, mask, clip, optimiser. */
import { gradientGraph } from '../autodiff/gradient-graph.js';
import { loop } from '../autodiff/loop.js';
import { prepare } from '../autodiff/prepare.js';
import { UserError } from '../errors.js';
import { feeds, valuesByName } from '../ir/graph.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { type Builder, builderFor } from '../ops/builder.js';
import { clipByNorm, type Optimiser } from '../optim/index.js';
import { call } from '../rewrite/call.js';
import { lift } from '../rewrite/lift.js';
import { substitute } from '../rewrite/substitute.js';
import { type Carried, carriedValues, type FitProblem } from './problem.js';

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
  /** What is told of each step besides, in the order of the problem. */
  readonly watched: readonly Value[];
  /** By name of the trained weight: what goes in and what comes out, the weight first, then the optimiser's slots. */
  readonly state: ReadonlyMap<string, readonly Passage[]>;
  /** By name: what is carried and not trained. */
  readonly carried: ReadonlyMap<string, Passage>;
  /** By name of a weight: its mask, float32 in its shape, 1 where kept. */
  readonly masks: ReadonlyMap<string, Value>;
  /** Inputs of the problem, one batch each; with one more axis in front, of `accumulate`, where that is above 1. */
  readonly batch: readonly Value[];
  readonly rate: Value;
  readonly count: Value;
}

/** An input of the step, and the output that is fed to it in the next one. */
export interface Passage {
  readonly before: Value;
  readonly after: Value;
}

/** @throws UserError when steps over several batches should carry anything. */
export async function stepGraph(problem: Omit<FitProblem, 'batches'>, options: StepOptions): Promise<StepGraph> {
  const { weights, carried, masks: masked } = problem;
  const { optimiser, clip, accumulate = 1, tiles = true } = options;
  if (accumulate > 1 && (carried || problem.watched)) {
    throw new UserError('fit', 'expected one batch a step where more than weights is carried; do not accumulate');
  }
  const slopes = await gradientsOf(problem, tiles);
  const whole = accumulate > 1 ? accumulated(slopes, accumulate) : slopes;
  const g = builderFor(whole.graph, 'step');
  const scalar: TensorType = { dtype: 'float32', shape: [] };
  const [rate, count] = [g.value('rate', scalar), g.value('count', scalar)];
  const masks = new Map(
    weights
      .filter((value) => masked?.has(value))
      .map(({ name }) => [name, g.value(`mask/${name}`, whole.lifted.get(name)!.type)]),
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
  const passage = (before: Value, made: Value): Passage => {
    const after = { ...made, ...(before.type && { type: before.type }) };
    ends.set(made, after);
    return { before, after };
  };
  const state = new Map(
    names.map((name, i) => {
      const weight = whole.lifted.get(name)!;
      const slots = optimiser.slots.map((slot) => g.value(`${slot}/${name}`, weight.type));
      const next = optimiser.emit(g, { weight, gradient: gradients[i]!, slots, rate, count });
      const after = [next.weight, ...next.slots];
      return [name, [weight, ...slots].map((before, j) => passage(before, after[j]!))];
    }),
  );
  const moved = new Map([...state].map(([name, [weight]]) => [name, weight!.after]));
  const others = new Map(
    [...followers(g, whole, carried, moved)].map(([name, made]) => [name, passage(whole.lifted.get(name)!, made)]),
  );
  const slots = [...state.values()].flatMap(([, ...rest]) => rest.map(({ before }) => before));
  const open: Graph = {
    ...g.appendTo(whole.graph),
    inputs: [...whole.graph.inputs, ...slots, ...masks.values(), rate, count],
    outputs: [whole.loss, ...whole.watched, ...ends.keys()],
  };
  return {
    graph: substitute(open, (value) => ends.get(value) ?? value),
    loss: whole.loss,
    watched: whole.watched,
    state,
    carried: others,
    masks,
    batch: whole.batch,
    rate,
    count,
  };
}

/** What each carried value becomes, by its name. @param moved weights after the step, by name. */
function* followers(
  g: Builder,
  { graph, lifted, becomes }: Slopes,
  carried: Carried | undefined,
  moved: ReadonlyMap<string, Value>,
): Generator<[string, Value]> {
  yield* becomes;
  const inputs = new Map(graph.inputs.map((value) => [value.name, value]));
  for (const [{ name }, { of, decay }] of carried?.averages ?? []) {
    const [mean, weight] = [lifted.get(name)!, moved.get(of.name)!];
    // as a step towards the weight: at equality nothing moves
    yield [name, g.add(weight, g.mul(g.sub(mean, weight), inputs.get(decay.name)!))];
  }
}

interface Slopes {
  readonly graph: Graph;
  readonly loss: Value;
  readonly watched: readonly Value[];
  /** Weights and what is carried, as inputs, by name. */
  readonly lifted: ReadonlyMap<string, Value>;
  readonly becomes: ReadonlyMap<string, Value>;
  readonly gradients: ReadonlyMap<string, Value>;
  readonly batch: readonly Value[];
}

async function gradientsOf(problem: Omit<FitProblem, 'batches'>, tiles: boolean): Promise<Slopes> {
  const { graph, loss, weights, carried, watched = [] } = problem;
  const names = new Set([...weights, ...carriedValues(carried)].map(({ name }) => name));
  const told = [...watched, ...(carried?.becomes?.values() ?? [])];
  const open = { ...lift(graph, [...weights, ...carriedValues(carried)]), outputs: [...new Set([loss, ...told])] };
  const wrt = weights.map(({ name }) => name);
  const made = await gradientGraph(await prepare(open), { of: loss.name, wrt, sum: true, tiles });
  const named = valuesByName(made.graph);
  const total = made.loss!;
  return {
    graph: made.graph,
    loss: total,
    watched: watched.map(({ name }) => named.get(name)!),
    lifted: new Map([...names].map((name) => [name, named.get(name)!])),
    becomes: new Map([...(carried?.becomes ?? [])].map(([{ name }, after]) => [name, named.get(after.name)!])),
    gradients: made.gradients,
    batch: feeds(made.graph).filter(({ name }) => !names.has(name)),
  };
}

/** Mean loss and mean gradients over `count` batches, one after the other: the memory is that of one. */
function accumulated(slopes: Slopes, count: number): Slopes {
  const names = [...slopes.gradients.keys()];
  const inner = builderFor(slopes.graph, 'accumulate');
  const sums = names.map((name) => inner.value(`sum/${name}`, slopes.lifted.get(name)!.type));
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
    watched: [],
    lifted: weights,
    becomes: new Map(),
    gradients: new Map(names.map((name, i) => [name, g.mul(results[i]!, share)])),
    batch: slopes.batch.map(({ name }) => stacked.get(name)!),
  };
}
