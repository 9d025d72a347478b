/** sloped: a network's graph with an objective and its slope at each example. */
import { gradientGraph } from '../autodiff/gradient-graph.js';
import { prepare } from '../autodiff/prepare.js';
import { undifferentiable } from '../autodiff/undifferentiable.js';
import { exitCodes, UserError } from '../errors.js';
import type { Dimension, Graph, TensorType, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import type { Front } from './front.js';
import type { Objective, RowInput } from './objectives.js';

/** Inputs: labels, and what a gradient of the logits is weighed by. */
export const [goalName, labelName, seedName] = ['scalpel/goal', 'scalpel/label', 'scalpel/seed'];

export interface Sloped {
  readonly graph: Graph;
  readonly example: Value;
  readonly batch: Dimension;
  readonly logits: Value;
  /** What is descended on, [batch], and its gradient. */
  readonly value: Value;
  readonly gradient: Value;
  /** Rows that the objective reads are inputs of the graph. */
  readonly rows: Rows;
}

export async function slopedGraph(
  { graph, example, logits, batch }: Front,
  objective: Objective,
  { classes, size, targeted }: { readonly classes: number; readonly size: number; readonly targeted: boolean },
): Promise<Sloped> {
  const g = builderFor(graph, 'objective');
  const ids: TensorType = { dtype: 'int64', shape: [batch] };
  const [goal, label] = [
    { name: goalName, type: ids },
    { name: labelName, type: ids },
  ];
  const rows = rowInputs(batch);
  const scored = objective.emit(g, { logits, classes, goal, label, targeted }, rows.input);
  const alone = objective.onPoint?.(g, { example, size }, rows.input);
  const value = alone ? g.add(scored, alone) : scored;
  const whole = g.appendTo({ ...graph, inputs: [...graph.inputs, goal, label, ...rows.made] });
  const made = await gradientsOf({ ...whole, outputs: [logits, value] }, value, example);
  const named = ({ name }: Value): Value =>
    [...made.graph.inputs, ...made.graph.outputs].find((each) => each.name === name)!;
  return {
    graph: made.graph,
    example: named(example),
    batch,
    logits: named(logits),
    value: named(value),
    gradient: made.gradient,
    rows,
  };
}

/** Outputs, by name: the logits, and the gradient of their sum times the seed. */
export async function pullbackGraph(
  { graph, example, logits, batch }: Front,
  classes: number,
): Promise<{ readonly graph: Graph; readonly names: readonly string[] }> {
  const g = builderFor(graph, 'objective');
  const seed: Value = { name: seedName, type: { dtype: 'float32', shape: [batch, classes] } };
  const value = g.mul(logits, seed);
  const whole = g.appendTo({ ...graph, inputs: [...graph.inputs, seed] });
  const made = await gradientsOf({ ...whole, outputs: [logits, value] }, value, example);
  return { graph: made.graph, names: [logits.name, made.gradient.name] };
}

/** Inputs with a row of numbers an example, each made once. */
export interface Rows {
  readonly made: readonly Value[];
  readonly input: RowInput;
}

export function rowInputs(batch: Dimension): Rows {
  const made: Value[] = [];
  const input: RowInput = (name, width) => {
    const known = made.find((value) => value.name === name);
    if (known) return known;
    const value: Value = { name, type: { dtype: 'float32', shape: [batch, width] } };
    made.push(value);
    return value;
  };
  return { made, input };
}

/** What `work` gives; where it is refused, the first op in the graph that has no gradient is named, and not what stands behind it. */
async function namingOps<T>(graph: Graph, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode !== exitCodes.unsupported) throw error;
    throw (await undifferentiable(graph))[0]?.error ?? error;
  }
}

/** The gradient of the sum of a value over its rows: of each row with respect to its own example. */
async function gradientsOf(graph: Graph, value: Value, example: Value): Promise<{ graph: Graph; gradient: Value }> {
  const made = await namingOps(graph, async () =>
    gradientGraph(await prepare(graph), { of: value.name, wrt: [example.name], sum: true }),
  );
  return { graph: made.graph, gradient: made.gradients.get(example.name)! };
}
