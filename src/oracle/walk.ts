/** walk: steps of a descent that the runtime takes by itself, one after the other, as one graph. */
import { loop } from '../autodiff/loop.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { type Builder, builderFor } from '../ops/builder.js';
import { substitute } from '../rewrite/substitute.js';
import type { RowInput } from './objectives.js';
import type { Sloped } from './sloped.js';

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

export interface WalkGraph {
  readonly graph: Graph;
  /** Inputs: the states at the start, and each schedule, [steps]. */
  readonly starts: readonly Value[];
  readonly schedules: readonly Value[];
  /** Outputs: the states at the end; of each step, one axis more in front: logits, values and points. */
  readonly ends: readonly Value[];
  readonly seen: readonly Value[];
}

interface WalkOptions {
  readonly size: number;
  /** Of an example. */
  readonly shape: readonly number[];
  /** Whether what each step saw is given too. */
  readonly isTraced: boolean;
}

/** As many steps in one run as the schedules have numbers. */
export function walkGraph(sloped: Sloped, walk: Walk, { size, shape, isTraced }: WalkOptions): WalkGraph {
  const { batch, rows } = sloped;
  const flat: TensorType = { dtype: 'float32', shape: [batch, size] };
  const g = builderFor(sloped.graph, 'walk');
  const states = Array.from({ length: walk.states }, () => g.value('state', flat));
  const schedules = walk.schedules.map((name) => g.value(name, { dtype: 'float32', shape: [] }));
  // of its own: what a step gives may be no input
  const points = g.op('Identity', [walk.point(g, states, rows.input)]);
  const example = g.reshape(points, [-1, ...shape]);
  const { nodes, ...slopes } = substitute(sloped.graph, (each) => (each === sloped.example ? example : each));
  const ahead: Graph = { ...g.appendTo({ ...slopes, nodes: [] }), inputs: [...states, ...schedules] };
  const seeing: Graph = { ...ahead, nodes: [...ahead.nodes, ...nodes] };

  const after = builderFor(seeing, 'step');
  const gradient = after.reshape(sloped.gradient, [-1, size]);
  const scheduled = (name: string): Value => schedules[walk.schedules.indexOf(name)]!;
  const ends = walk.next(after, { states, gradient, scheduled }, rows.input).map((end) => {
    const given = after.value('end', flat);
    return { given, node: identity(end, given) };
  });
  const whole = after.appendTo(seeing);
  const others = sloped.graph.inputs.filter((each) => each !== sloped.example);
  const named = new Set(others.map(({ name }) => name));
  const step: Graph = {
    ...whole,
    nodes: [...whole.nodes, ...ends.map(({ node }) => node)],
    inputs: [...states, ...schedules, ...others, ...rows.made.filter(({ name }) => !named.has(name))],
    outputs: [...ends.map(({ given }) => given), ...(isTraced ? [sloped.logits, sloped.value, points] : [])],
  };
  const graph = loop(step, 'steps', {
    state: new Map(states.map((state, i) => [state, ends[i]!.given])),
    sliced: schedules,
  });
  return {
    graph,
    starts: graph.inputs.slice(0, states.length),
    schedules: graph.inputs.slice(states.length, states.length + schedules.length),
    ends: graph.outputs.slice(0, ends.length),
    seen: graph.outputs.slice(ends.length),
  };
}

const identity = (from: Value, to: Value): Node => ({
  name: to.name,
  op: 'Identity',
  domain: '',
  inputs: [from],
  outputs: [to],
  attrs: {},
});
