/** call: a graph used as a function inside another. */
import { UserError } from '../errors.js';
import { feeds, subgraphs } from '../ir/graph.js';
import type { Graph, Node, Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';
import type { Tensor } from '../tensor/tensor.js';
import { substituteNode } from './substitute.js';

/**
 * Emits `body` into `g` under fresh names, its subgraphs' included, and returns its outputs. `args` stand for the inputs
 * that have no initializer, in order. A tensor that `g` holds already is shared: two calls of one body have one set of
 * weights. Opsets and functions of `body` must be those of the graph that `g` appends to.
 * @throws UserError when the number of arguments differs.
 */
export function call(g: Builder, body: Graph, args: readonly Value[]): Value[] {
  const parameters = feeds(body);
  if (parameters.length !== args.length) {
    const names = parameters.map(({ name }) => name).join(', ');
    throw new UserError('call', `expected ${parameters.length} arguments (${names}), got ${args.length}`);
  }
  const fresh = new Map<Value, Value>(parameters.map((parameter, i) => [parameter, args[i] as Value]));
  const held = new Map<Tensor, Value>([...g.initializers].map(([value, t]) => [t, value]));
  for (const [value, t] of body.initializers) fresh.set(value, held.get(t) ?? g.constant(t, value.name));
  for (const node of body.nodes) {
    for (const value of definitions(node)) fresh.set(value, g.value(value.name, value.type));
  }
  for (const node of body.nodes) {
    const renamed = substituteNode(node, (value) => fresh.get(value) ?? value);
    // origin tells saving which bytes of the file a node is; a copy is none of them
    const { origin: _, ...copy } = renamed;
    g.nodes.push({ ...copy, name: g.value(node.name || node.op).name });
  }
  return body.outputs.map((value) => fresh.get(value) ?? value);
}

/** What a node defines: its outputs and everything inside its subgraphs. */
function* definitions(node: Node): Generator<Value> {
  for (const value of node.outputs) if (value) yield value;
  for (const body of subgraphs(node)) {
    yield* body.inputs;
    for (const value of body.initializers.keys()) if (!body.inputs.includes(value)) yield value;
    for (const inner of body.nodes) yield* definitions(inner);
  }
}
