/** bake: arrays become weights of the graph again, where the old ones were. */
import { UserError } from '../errors.js';
import { printShape, printType } from '../ir/print.js';
import type { Graph, Node, Value } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * `graph` with each value bound to its array: an initializer is replaced in its place, a graph input becomes an initializer,
 * a Constant node gets the new tensor and keeps its origin.
 *
 * Files of IR version 3 and below list every initializer among the inputs. Where all present initializers do, a baked input
 * stays listed too.
 * @throws UserError when a value is none of these, or its declared type contradicts the array.
 */
export function bake(graph: Graph, arrays: ReadonlyMap<Value, Tensor>): Graph {
  for (const [value, t] of arrays) checkType(value, t);
  const listed = new Set(graph.inputs);
  const listsInitializers = graph.initializers.size > 0 && [...graph.initializers.keys()].every((v) => listed.has(v));
  const initializers = new Map(graph.initializers);
  const constants = new Map<Value, Tensor>();
  for (const [value, t] of arrays) {
    if (initializers.has(value) || listed.has(value)) initializers.set(value, t);
    else constants.set(value, t);
  }
  const becameWeight = (value: Value): boolean => arrays.has(value) && !graph.initializers.has(value);
  return {
    ...graph,
    inputs: listsInitializers ? graph.inputs : graph.inputs.filter((value) => !becameWeight(value)),
    nodes: constants.size === 0 ? graph.nodes : bakeConstants(graph.nodes, constants),
    initializers,
  };
}

function bakeConstants(nodes: readonly Node[], constants: ReadonlyMap<Value, Tensor>): Node[] {
  const left = new Set(constants.keys());
  const baked = nodes.map((node) => {
    const value = node.op === 'Constant' ? node.outputs[0] : undefined;
    const t = value && constants.get(value);
    if (!t) return node;
    left.delete(value);
    return { ...node, attrs: { value: { kind: 'tensor', value: t } as const } };
  });
  for (const value of left) {
    throw new UserError('bake', `expected an initializer, an input or the output of a Constant, got '${value.name}'`);
  }
  return baked;
}

function checkType({ name, type }: Value, t: Tensor): void {
  if (!type) return;
  const fits =
    type.dtype === t.dtype &&
    (!type.shape ||
      (type.shape.length === t.shape.length &&
        type.shape.every((size, axis) => typeof size !== 'number' || size === t.shape[axis])));
  if (!fits) {
    throw new UserError(`bake '${name}'`, `expected ${printType(type)}, got ${t.dtype}${printShape(t.shape)}`);
  }
}
