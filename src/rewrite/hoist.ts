/** hoist: weights that stand inside the bodies of control flow become initializers of the graph, where they can be named. */
import { subgraphs } from '../ir/graph.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { isFloat } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import { mapBodies, mapSame, substitute } from './substitute.js';

/**
 * `graph` with the float initializers and constants of rank 1 and more of its bodies moved out; bodies capture them then. A name
 * that stands elsewhere too gets that of the node in front, and of its branch. What a body hands out as it is stays.
 */
export function hoist(graph: Graph): Graph {
  const counts = new Map<string, number>();
  for (const { name } of valuesIn(graph)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const hoisted = new Map<Value, Tensor>();
  const nodes = mapSame(graph.nodes, (node) => hoistFrom(node, hoisted, counts));
  return hoisted.size === 0 ? graph : { ...graph, nodes, initializers: new Map([...graph.initializers, ...hoisted]) };
}

function hoistFrom(node: Node, hoisted: Map<Value, Tensor>, counts: Map<string, number>): Node {
  const attrs = mapBodies(node.attrs, (body) => {
    const found = weightsIn(body);
    const renamed = new Map<Value, Value>();
    const branch = Object.entries(node.attrs).find(([, attr]) => attr.kind === 'graph' && attr.value === body)?.[0];
    for (const [value, stored] of found) {
      const name = freeName(value.name, `${node.name}/${branch ?? 'body'}`, counts);
      const moved = name === value.name ? value : { ...value, name };
      if (moved !== value) renamed.set(value, moved);
      hoisted.set(moved, stored);
    }
    const rest: Graph = {
      ...body,
      initializers: new Map([...body.initializers].filter(([value]) => !found.has(value))),
      nodes: mapSame(
        body.nodes.filter(({ outputs }) => !outputs.some((value) => value && found.has(value))),
        (inner) => hoistFrom(inner, hoisted, counts),
      ),
    };
    const isSame = found.size === 0 && rest.nodes.every((inner, i) => inner === body.nodes[i]);
    return isSame ? body : substitute(rest, (value) => renamed.get(value) ?? value);
  });
  return attrs === node.attrs ? node : { ...node, attrs };
}

function weightsIn(body: Graph): Map<Value, Tensor> {
  const constants = body.nodes.flatMap(({ op, outputs, attrs: { value } }): [Value, Tensor][] =>
    op === 'Constant' && outputs[0] && value?.kind === 'tensor' ? [[outputs[0], value.value]] : [],
  );
  const handedOut = new Set(body.outputs);
  return new Map(
    [...body.initializers, ...constants].filter(
      ([value, { dtype, shape }]) => isFloat(dtype) && shape.length > 0 && !handedOut.has(value),
    ),
  );
}

function freeName(wanted: string, prefix: string, counts: Map<string, number>): string {
  if (counts.get(wanted) === 1) return wanted;
  let name = `${prefix}/${wanted}`;
  while (counts.has(name)) name = `${prefix}/${name}`;
  counts.set(name, 1);
  return name;
}

function* valuesIn(graph: Graph): Generator<Value> {
  yield* new Set([...graph.inputs, ...graph.initializers.keys()]);
  for (const node of graph.nodes) {
    for (const value of node.outputs) if (value) yield value;
    for (const body of subgraphs(node)) yield* valuesIn(body);
  }
}
