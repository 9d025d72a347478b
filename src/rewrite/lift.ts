/** lift: weights become graph inputs, so that they can be fed anew at every run. */
import { UserError } from '../errors.js';
import type { Graph, Node, Value } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';
import { substitute } from './substitute.js';

/**
 * `graph` with the initializers (or outputs of Constant nodes) `weights` turned into inputs, appended in the order given.
 * Values stay the same objects; one without a type is replaced by a typed one of the same name, as inputs must declare theirs.
 * @throws UserError for a value that is neither an initializer nor the output of a Constant node.
 */
export function lift(graph: Graph, weights: Iterable<Value>): Graph {
  const lifted = new Set(weights);
  const constants = new Map(graph.nodes.flatMap((node) => constantOf(node)));
  const typed = new Map<Value, Value>();
  for (const value of lifted) {
    const stored = graph.initializers.get(value) ?? constants.get(value);
    if (!stored) throw new UserError('lift', `expected an initializer, got '${value.name}'`);
    if (!value.type) typed.set(value, { ...value, type: { dtype: stored.dtype, shape: stored.shape } });
  }
  const open: Graph = {
    ...graph,
    inputs: [...new Set([...graph.inputs, ...lifted])],
    nodes: graph.nodes.filter(
      (node) => !node.outputs.some((value) => value && constants.has(value) && lifted.has(value)),
    ),
    initializers: new Map([...graph.initializers].filter(([value]) => !lifted.has(value))),
  };
  return typed.size === 0 ? open : substitute(open, (value) => typed.get(value) ?? value);
}

function constantOf(node: Node): [Value, Tensor][] {
  const value = node.outputs[0];
  const held = node.attrs.value;
  return node.op === 'Constant' && value && held?.kind === 'tensor' ? [[value, held.value]] : [];
}
