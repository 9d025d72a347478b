/** walk: steps of a descent that the runtime takes by itself, one after the other, as one graph. */
import { loop } from '../autodiff/loop.js';
import type { Dimension, Graph, Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';
import { builderFor } from '../ops/builder.js';
import { substitute } from '../rewrite/substitute.js';
import type { RowInput } from './objectives.js';

/** What is carried from step to step: packed rows of an example's size, as many arrays as the walk has states. */
export interface Walk {
  /** Programs are kept by it. */
  readonly name: string;
  readonly states: number;
  /** Names of numbers that each step has its own of. */
  readonly schedules: readonly string[];
  /** The points where the slope is taken, [batch, size]. */
  point(g: Builder, states: readonly Value[], row: RowInput): Value;
  /** The states after a step. @param gradient [batch, size]. */
  next(g: Builder, scene: StepScene, row: RowInput): readonly Value[];
}

export interface StepScene {
  readonly states: readonly Value[];
  readonly gradient: Value;
  /** The step's own number of that schedule, a scalar. */
  scheduled(name: string): Value;
}

/** A graph of slopes: of what, where, and what it says. */
export interface Sloped {
  readonly graph: Graph;
  readonly example: Value;
  readonly logits: Value;
  readonly value: Value;
  readonly gradient: Value;
}

export interface WalkGraph {
  readonly graph: Graph;
  /** Inputs. */
  readonly starts: readonly Value[];
  readonly schedules: readonly Value[];
  /** Outputs: the states at the end; of each step, one axis more in front: logits, values and points. */
  readonly ends: readonly Value[];
  readonly seen: readonly Value[];
}

/** @param isTraced whether what each step saw is given too. @param row inputs that `sloped` has already come first in it. */
export function walkGraph(
  { graph, example, logits, value, gradient }: Sloped,
  walk: Walk,
  {
    batch,
    size,
    shape,
    row,
    isTraced,
  }: { batch: Dimension; size: number; shape: readonly number[]; row: RowInput; isTraced: boolean },
): WalkGraph {
  const before = builderFor(graph, 'walk');
  const flat = { dtype: 'float32', shape: [batch, size] } as const;
  const states = Array.from({ length: walk.states }, () => before.value('state', flat));
  const schedules = walk.schedules.map((name) => before.value(name, { dtype: 'float32', shape: [] }));
  const points = before.op('Identity', [walk.point(before, states, row)]);
  const shaped = before.reshape(points, [-1, ...shape]);
  const moving = before.appendTo({ ...substitute(graph, (each) => (each === example ? shaped : each)), nodes: [] });
  const whole = { ...moving, inputs: [...graph.inputs.filter((each) => each !== example), ...states, ...schedules] };
  const inner = {
    ...whole,
    nodes: [...before.nodes, ...substitute(graph, (each) => (each === example ? shaped : each)).nodes],
  };
  const after = builderFor(inner, 'step');
  const scheduled = (name: string): Value => schedules[walk.schedules.indexOf(name)]!;
  const ends = walk
    .next(after, { states, gradient: after.reshape(gradient, [-1, size]), scheduled }, row)
    .map((end) => ({ ...after.op('Identity', [end]), type: flat }));
  const renamed = new Map(ends.map((end) => [end.name, end]));
  const typed = after.nodes.map((node) => ({
    ...node,
    outputs: node.outputs.map((each) => (each && renamed.get(each.name)) ?? each),
  }));
  const seen = isTraced ? [logits, value, points] : [];
  const step: Graph = {
    ...inner,
    nodes: [...inner.nodes, ...typed],
    initializers: new Map([...inner.initializers, ...after.initializers]),
    outputs: [...ends, ...seen],
  };
  const looped = loop(step, 'steps', {
    state: new Map(states.map((state, i) => [state, ends[i]!])),
    sliced: schedules,
  });
  return {
    graph: looped,
    starts: looped.inputs.filter(({ name }) => states.some((state) => state.name === name)),
    schedules: looped.inputs.filter(({ name }) => schedules.some((each) => each.name === name)),
    ends: looped.outputs.slice(0, ends.length),
    seen: looped.outputs.slice(ends.length),
  };
}
