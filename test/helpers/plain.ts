/** A model as plain data without its file: for comparing what was read from two encodings. */
import type { Attr, Graph, Model, Value } from '../../src/ir/types.js';
import type { Tensor } from '../../src/tensor/tensor.js';

export const plainModel = ({ graph, irVersion, producer, metadata }: Model): object => ({
  graph: plainGraph(graph),
  functions: graph.functions.map(({ body, defaults, domain, name, overload, attributes }) => ({
    domain,
    name,
    overload,
    attributes,
    defaults: plainAttrs(defaults),
    body: plainGraph(body),
  })),
  opsets: [...graph.opsets],
  irVersion,
  producer,
  metadata: [...metadata],
});

export const plainGraph = (graph: Graph): object => ({
  name: graph.name,
  inputs: graph.inputs,
  outputs: graph.outputs,
  initializers: [...graph.initializers].map(([value, tensor]) => [value, plainTensor(tensor)]),
  nodes: graph.nodes.map(({ origin: _, attrs, inputs, outputs, ...facts }) => ({
    ...facts,
    inputs: inputs.map(plainValue),
    outputs: outputs.map(plainValue),
    attrs: plainAttrs(attrs),
  })),
});

const plainValue = (value: Value | null): Value | null => value;

const plainAttrs = (attrs: Readonly<Record<string, Attr>>): object =>
  Object.fromEntries(Object.entries(attrs).map(([name, attr]) => [name, plainAttr(attr)]));

function plainAttr(attr: Attr): unknown {
  switch (attr.kind) {
    case 'tensor':
      return plainTensor(attr.value);
    case 'tensors':
      return attr.value.map(plainTensor);
    case 'graph':
      return plainGraph(attr.value);
    case 'graphs':
      return attr.value.map(plainGraph);
    // the bytes of these are as the file encodes them, which is what the encodings differ in
    case 'opaque':
      return 'opaque';
    default:
      return attr;
  }
}

export const plainTensor = ({ dtype, shape, payload, strings }: Tensor): object => ({
  dtype,
  shape,
  bytes: Buffer.from(payload.read()).toString('hex'),
  ...(strings && { strings: strings.map((bytes) => Buffer.from(bytes).toString('hex')) }),
});
