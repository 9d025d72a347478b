/** An objective as a graph of its own, where the model's gradients come from elsewhere. */
import { gradientGraph } from '../autodiff/gradient-graph.js';
import { prepare } from '../autodiff/prepare.js';
import { emptyGraph } from '../ir/graph.js';
import type { Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import { type CompileOptions, compile, type Program } from '../runtime/program.js';
import type { Objective } from './objectives.js';
import { rowInputs } from './sloped.js';

interface Sizes {
  readonly classes: number;
  /** Values of an example. */
  readonly size: number;
  readonly targeted: boolean;
}

/**
 * From `logits`, `goal`, `label`, the rows that the objective reads and, where it has a part for the point alone, `example`
 * [batch, size]. @returns a program whose outputs are the objective, its gradient with respect to the logits and, with such a part,
 * the one with respect to the example.
 */
export async function objectiveAlone(
  objective: Objective,
  { classes, size, targeted }: Sizes,
  settings: CompileOptions,
): Promise<Program> {
  const ids = { dtype: 'int64', shape: ['batch'] } as const;
  const logits: Value = { name: 'logits', type: { dtype: 'float32', shape: ['batch', classes] } };
  const example: Value = { name: 'example', type: { dtype: 'float32', shape: ['batch', size] } };
  const goal: Value = { name: 'goal', type: ids };
  const label: Value = { name: 'label', type: ids };
  const rows = rowInputs('batch');
  const g = builderFor(emptyGraph(objective.name, [logits, goal, label, example]), 'objective');
  const scored = objective.emit(g, { logits, classes, goal, label, targeted }, rows.input);
  const alone = objective.onPoint?.(g, { example, size }, rows.input);
  const value = alone ? g.add(scored, alone) : scored;
  const inputs = [logits, goal, label, ...(alone ? [example] : []), ...rows.made];
  const wrt = [logits, ...(alone ? [example] : [])].map(({ name }) => name);
  const whole = await prepare({ ...g.appendTo(emptyGraph(objective.name, inputs)), outputs: [value] });
  const made = await gradientGraph(whole, { of: value.name, wrt, sum: true });
  const values = made.graph.outputs.find(({ name }) => name === value.name)!;
  return compile({ ...made.graph, outputs: [values, ...wrt.map((name) => made.gradients.get(name)!)] }, settings);
}
