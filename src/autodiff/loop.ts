/** loop: many optimisation steps as one graph, so that state never leaves the runtime between them. */
import { UserError } from '../errors.js';
import { feeds } from '../ir/graph.js';
import { attrs } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { type Builder, builderFor } from '../ops/builder.js';
import { substitute } from '../rewrite/substitute.js';
import { int64, tensor } from '../tensor/tensor.js';

export interface LoopOptions {
  /** What is carried: an input of the step, and the output that is fed to it in the next one. */
  readonly state: ReadonlyMap<Value, Value>;
  /** Inputs of which each step takes its own slice: in the looped graph they have one more axis in front, of the number of steps. */
  readonly sliced?: readonly Value[];
}

/**
 * `step` repeated `count` times in one Loop. Inputs are those of `step`; outputs are the last state, in its order, and every other
 * output of `step` with one more axis in front, a row a step.
 * @param count of steps; a name makes it the size of that name of the sliced inputs, of which there must be one then.
 * @throws UserError when the state is not of the step.
 */
export function loop(step: Graph, count: number | string, { state, sliced = [] }: LoopOptions): Graph {
  checkState(step, state);
  const g = builderFor(step, 'loop');
  const carried = [...state.keys()];
  const others = step.outputs.filter((value) => ![...state.values()].includes(value));
  const stacked = new Map(sliced.map((value) => [value, stackedInput(value, count)]));

  const index: Value = g.value('step', { dtype: 'int64', shape: [] });
  const proceed: Value = g.value('proceed', { dtype: 'bool', shape: [] });
  const inside = builderFor({ ...step, inputs: [...step.inputs, index, proceed] }, 'loop/step');
  const next = inside.op('Identity', [proceed]);
  const slices = new Map(
    [...stacked].map(([value, whole]) => [value, inside.op('Gather', [whole, index], { axis: 0 })]),
  );
  const body: Graph = {
    ...substitute(
      { ...step, initializers: new Map(), nodes: step.nodes, inputs: [], outputs: [] },
      (value) => slices.get(value) ?? value,
    ),
    name: `${step.name}/step`,
    inputs: [index, proceed, ...carried],
  };
  const whole: Graph = {
    ...body,
    nodes: [...inside.nodes, ...body.nodes],
    outputs: [next, ...state.values(), ...others].map((value) => slices.get(value) ?? value),
  };

  const starts = new Map(carried.map((value) => [value, { ...value }]));
  const ends = [...state.values(), ...others].map((value, i) =>
    typedEnd(g.value(value.name), value, i < carried.length ? undefined : count),
  );
  const trips =
    typeof count === 'number' ? g.constant(int64([], [count]), 'count') : rowsOf(g, [...stacked.values()][0]);
  const always = g.constant(tensor('bool', [], Uint8Array.of(1)), 'always');
  const node: Node = {
    name: 'loop',
    op: 'Loop',
    domain: '',
    inputs: [trips, always, ...starts.values()],
    outputs: ends,
    attrs: attrs({ body: { kind: 'graph', value: apart(whole, carried) } }),
  };
  const inputs = feeds(step).map((value) => starts.get(value) ?? stacked.get(value) ?? value);
  return {
    ...step,
    inputs,
    nodes: [...g.nodes, node],
    outputs: ends,
    initializers: new Map([...step.initializers, ...g.initializers]),
  };
}

/** The body with its carried inputs under names of their own: outside, these stand for the state at the start. */
function apart(body: Graph, carried: readonly Value[]): Graph {
  const renamed = new Map(carried.map((value) => [value, { ...value, name: `loop/state/${value.name}` }]));
  return substitute(body, (value) => renamed.get(value) ?? value);
}

function rowsOf(g: Builder, stacked: Value | undefined): Value {
  if (!stacked) throw new UserError('loop', 'expected a number of steps, or inputs that are sliced, got neither');
  return g.op('Gather', [g.op('Shape', [stacked]), g.constant(int64([], [0]))]);
}

function stackedInput(value: Value, count: number | string): Value {
  if (!value.type?.shape) throw new UserError('loop', `expected a type for input '${value.name}', got none`);
  return { name: value.name, type: { ...value.type, shape: [count, ...value.type.shape] } };
}

function typedEnd(end: Value, { type }: Value, count: number | string | undefined): Value {
  if (!type) return end;
  if (count === undefined || !type.shape) return { ...end, type };
  return { ...end, type: { ...type, shape: [count, ...type.shape] } };
}

function checkState(step: Graph, state: ReadonlyMap<Value, Value>): void {
  for (const [input, output] of state) {
    if (!step.inputs.includes(input)) throw new UserError('loop', `expected an input of the step, got '${input.name}'`);
    if (!step.outputs.includes(output))
      throw new UserError('loop', `expected an output of the step, got '${output.name}'`);
  }
}
