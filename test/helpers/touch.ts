/** Copies of a graph in which every object is new and every content equal: saving must find that nothing changed. */
import type { Attr, Graph, Model, Node } from '../../src/ir/types.js';
import { memoryPayload, type Tensor } from '../../src/tensor/tensor.js';

/** @param copyTensor how a tensor is copied; by default the payload object stays, so that it counts as unchanged. */
export function touchModel(model: Model, copyTensor: (tensor: Tensor) => Tensor = (tensor) => ({ ...tensor })): Model {
  const { opsets, functions } = model.graph;
  const graph = {
    ...touchGraph(model.graph, copyTensor),
    opsets: new Map(opsets),
    functions: functions.map((definition) => ({
      ...definition,
      body: touchGraph(definition.body, copyTensor),
      defaults: touchAttrs(definition.defaults, copyTensor),
    })),
  };
  return { ...model, graph, metadata: new Map(model.metadata) };
}

/** A tensor whose payload is another object with the same bytes: it counts as changed and is written again. */
export const rewritten = (tensor: Tensor): Tensor => ({ ...tensor, payload: memoryPayload(tensor.payload.read()) });

type CopyTensor = (tensor: Tensor) => Tensor;

const touchGraph = (graph: Graph, copy: CopyTensor): Graph => ({
  ...graph,
  inputs: [...graph.inputs],
  outputs: [...graph.outputs],
  initializers: new Map([...graph.initializers].map(([value, tensor]) => [value, copy(tensor)])),
  nodes: graph.nodes.map((node) => touchNode(node, copy)),
});

const touchNode = (node: Node, copy: CopyTensor): Node => ({
  ...node,
  inputs: [...node.inputs],
  outputs: [...node.outputs],
  attrs: touchAttrs(node.attrs, copy),
});

const touchAttrs = (attrs: Readonly<Record<string, Attr>>, copy: CopyTensor): Record<string, Attr> =>
  Object.fromEntries(Object.entries(attrs).map(([name, attr]) => [name, touchAttr(attr, copy)]));

function touchAttr(attr: Attr, copy: CopyTensor): Attr {
  switch (attr.kind) {
    case 'graph':
      return { kind: 'graph', value: touchGraph(attr.value, copy) };
    case 'graphs':
      return { kind: 'graphs', value: attr.value.map((graph) => touchGraph(graph, copy)) };
    case 'tensor':
      return { kind: 'tensor', value: copy(attr.value) };
    case 'tensors':
      return { kind: 'tensors', value: attr.value.map(copy) };
    case 'string':
    case 'opaque':
      return { kind: attr.kind, value: attr.value.slice() };
    case 'ints':
      return { kind: 'ints', value: [...attr.value] };
    default:
      return { ...attr };
  }
}
