/** The graphs inside a model that compare walks side by side: the main one, subgraphs and functions. */
import type { Graph, Model, Node } from '../../ir/types.js';
import type { Tensor } from '../../tensor/tensor.js';

/** Graphs by where they stand: '' is the main one. */
export function bodiesOf({ graph }: Model): Map<string, Graph> {
  const bodies = new Map<string, Graph>();
  addBodies(bodies, '', graph);
  for (const { domain, name, overload, body } of graph.functions) {
    addBodies(bodies, `function ${[domain, name, overload].filter(Boolean).join('.')}: `, body);
  }
  return bodies;
}

function addBodies(bodies: Map<string, Graph>, place: string, graph: Graph): void {
  bodies.set(place, graph);
  for (const node of graph.nodes) {
    for (const [name, attr] of Object.entries(node.attrs)) {
      const inner = attr.kind === 'graph' ? [attr.value] : attr.kind === 'graphs' ? attr.value : [];
      inner.forEach((body, i) => {
        addBodies(bodies, `${place}${keyOf(node)}.${name}${inner.length > 1 ? `[${i}]` : ''}: `, body);
      });
    }
  }
}

/** Nodes are told apart by the first value they make: unlike node names, these are unique. */
export const keyOf = (node: Node): string => node.outputs.find((value) => value)?.name ?? node.name;

/** Every tensor a model stores, by the name of its initializer, or of the value of the node that holds it. */
export function tensorsOf(model: Model): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [place, graph] of bodiesOf(model)) {
    for (const [value, tensor] of graph.initializers) tensors.set(`${place}${value.name}`, tensor);
    for (const node of graph.nodes) {
      for (const [name, attr] of Object.entries(node.attrs)) {
        const held = attr.kind === 'tensor' ? [attr.value] : attr.kind === 'tensors' ? attr.value : [];
        const stem = `${place}${keyOf(node)}${node.op === 'Constant' ? '' : `.${name}`}`;
        held.forEach((tensor, i) => {
          tensors.set(held.length > 1 ? `${stem}[${i}]` : stem, tensor);
        });
      }
    }
  }
  return tensors;
}
