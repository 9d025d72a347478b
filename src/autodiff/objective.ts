/** objective: a loss and its gradients as one thing to call. */
import type { Graph, TensorType, Value } from '../ir/types.js';
import { lift } from '../rewrite/lift.js';
import { type CompileOptions, compile } from '../runtime/program.js';
import { dataOf, type Tensor } from '../tensor/tensor.js';
import { gradientGraph } from './gradient-graph.js';
import type { Loss, LossOptions } from './losses.js';
import { prepare } from './prepare.js';

export interface ObjectiveOptions extends CompileOptions {
  /** What the loss is of; default: the first output. */
  readonly of?: Value;
  readonly lossOptions?: LossOptions;
  /** Initializers among `wrt` become inputs, to be fed anew at every run; default true. */
  readonly weightsAsInputs?: boolean;
}

export interface Objective {
  /** What is fed: the inputs of the graph, weights that became inputs, and the target. */
  readonly inputs: readonly Value[];
  /** The input for the target; absent where the loss has none. */
  readonly target?: Value;
  /** @param feeds by name. @returns the loss, and a gradient for each of `wrt`, by name. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<ObjectiveValue>;
  release(): Promise<void>;
}

export interface ObjectiveValue {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Tensor>;
}

/**
 * Compiles the loss of `graph` with its gradients with respect to `wrt`: inputs, initializers, constants or inner values.
 * @throws UserError (exit 3) naming the first op without a gradient rule.
 */
export async function objective(
  graph: Graph,
  loss: Loss,
  wrt: readonly Value[],
  options: ObjectiveOptions = {},
): Promise<Objective> {
  const { of = graph.outputs[0]!, lossOptions, weightsAsInputs = true, ...settings } = options;
  const weights = weightsAsInputs ? wrt.filter((value) => graph.initializers.has(value)) : [];
  const prepared = await prepare(weights.length > 0 ? lift(graph, weights) : graph);
  const names = wrt.map(({ name }) => name);
  const request = { of: of.name, loss, wrt: names, ...(lossOptions && { lossOptions }) };
  const made = await gradientGraph(prepared, request);
  const outputs = [made.loss!, ...made.gradients.values()];
  const program = await compile({ ...made.graph, outputs }, settings);
  const typed = (value: Value): Value & { readonly type: TensorType } => value as Value & { readonly type: TensorType };
  return {
    inputs: program.inputs.map(typed),
    ...(made.target && { target: made.target }),
    async run(feeds) {
      const results = await program.run(new Map(program.inputs.map((input) => [input, feeds[input.name]!])));
      return {
        loss: Number(dataOf(results.get(made.loss!)!)[0]),
        gradients: new Map([...made.gradients].map(([name, value]) => [name, results.get(value)!])),
      };
    },
    release: () => program.release(),
  };
}
