/** The training form of a network for one size of batch, ready to be called from a step. */

import { prepare } from '../../autodiff/prepare.js';
import { replaceNodes } from '../../autodiff/replace-nodes.js';
import type { Graph, Node, TensorType, Value } from '../../ir/types.js';
import { simplify } from '../../rewrite/simplify.js';
import { retype } from '../../rewrite/specialize.js';
import type { TrainingForm } from './training-form.js';

export interface NetForm {
  /** Takes the input, the mask where there is one, and the factors of each Dropout; gives logits and then the statistics. */
  readonly graph: Graph;
  readonly dropouts: readonly DropoutForm[];
  /** Types of its values. */
  readonly types: ReadonlyMap<Value, TensorType>;
}

export interface DropoutForm {
  readonly name: string;
  /** Of what is dropped of. */
  readonly shape: readonly number[];
  /** The share that is dropped. */
  readonly ratio: number;
}

/** Made once for each size. */
export function netForms(form: TrainingForm): (size: number) => Promise<NetForm> {
  const made = new Map<number, Promise<NetForm>>();
  return (size) => {
    const held = made.get(size) ?? netForm(form, size);
    made.set(size, held);
    return held;
  };
}

async function netForm({ graph, dropouts }: TrainingForm, size: number): Promise<NetForm> {
  const { graph: sized, types } = await prepare(
    retype(graph, (dimension) => (typeof dimension === 'number' ? dimension : size)),
  );
  if (dropouts.size === 0) return { graph: sized, dropouts: [], types };
  const factors = new Map<string, Value>();
  const forms = [...dropouts].map(([node, ratio]): DropoutForm => {
    const name = outputName(node);
    const x = sized.nodes.find((each) => outputName(each) === name)!.inputs[0] as Value;
    return { name, shape: types.get(x)!.shape as readonly number[], ratio };
  });
  for (const { name, shape } of forms)
    factors.set(name, { name: `dropout/${name}`, type: { dtype: 'float32', shape } });
  const replaced = replaceNodes(sized, types, (node) => {
    const factor = node.op === 'Dropout' ? factors.get(outputName(node)) : undefined;
    return factor && ((g, { inputs }) => [g.mul(inputs[0] as Value, factor)]);
  });
  return {
    types,
    graph: simplify({ ...replaced, inputs: [...replaced.inputs, ...factors.values()] }),
    dropouts: forms,
  };
}

/** Of what a node makes: nodes themselves need no names. */
const outputName = ({ outputs: [y] }: Node): string => y?.name ?? '';
