/** The one text form of graphs, nodes and types: errors, `inspect` and test diffs all show it. */
import type { Tensor } from '../tensor/tensor.js';
import type { Attr, Dimension, Graph, Node, TensorType, Value } from './types.js';

const text = new TextDecoder();

/**
 * The graph as text, one line per input, initializer, node and output; subgraphs are indented below their node.
 *
 * @example
 * ```
 * input %x float32[batch, 3]
 * initializer %w float32[3, 4]
 * %h[batch, 4] = MatMul(%x, %w)
 * output %h float32[batch, 4]
 * ```
 */
export const print = (graph: Graph): string => lines(graph).join('\n');

/** `%y[2, 4] = Gemm(%x, %w, null, transB=1)`, on one line: subgraphs are named, not spelled out. */
export function printNode(node: Node): string {
  const made = node.outputs.map((value) => (value ? `%${value.name}${shapeText(value.type)}` : 'null'));
  const given = node.inputs.map((value) => (value ? `%${value.name}` : 'null'));
  const attrs = Object.entries(node.attrs).map(([name, attr]) => `${name}=${printAttr(attr)}`);
  const domain = node.domain && node.domain !== 'ai.onnx' ? `${node.domain}.` : '';
  return `${made.join(', ')} = ${domain}${node.op}(${[...given, ...attrs].join(', ')})`;
}

/** `float32[batch, 3]`; `float32` alone when the rank is unknown, `?` when nothing is known. */
export const printType = (type: TensorType | undefined): string => (type ? `${type.dtype}${shapeText(type)}` : '?');

/** `[batch, 3, ?]`: the one way shapes are written. */
export const printShape = (shape: readonly Dimension[]): string => `[${shape.map((size) => size ?? '?').join(', ')}]`;

function lines(graph: Graph): string[] {
  return [
    ...graph.inputs.map((value) => `input ${declared(value)}`),
    ...[...graph.initializers].map(([value, t]) => `initializer %${value.name} ${tensorText(t)}`),
    ...graph.nodes.flatMap(nodeLines),
    ...graph.outputs.map((value) => `output ${declared(value)}`),
  ];
}

const nodeLines = (node: Node): string[] => [
  printNode(node),
  ...Object.entries(node.attrs).flatMap(([name, attr]) => {
    if (attr.kind === 'graph') return bodyLines(name, attr.value);
    if (attr.kind === 'graphs') return attr.value.flatMap((body, i) => bodyLines(`${name}[${i}]`, body));
    return [];
  }),
];

const bodyLines = (name: string, body: Graph): string[] => [`  ${name}:`, ...lines(body).map((line) => `    ${line}`)];

const declared = (value: Value): string => `%${value.name} ${printType(value.type)}`;

const shapeText = (type: TensorType | undefined): string => (type?.shape ? printShape(type.shape) : '');

const tensorText = (t: Tensor): string => `${t.dtype}${printShape(t.shape)}`;

function printAttr(attr: Attr): string {
  switch (attr.kind) {
    case 'float':
    case 'int':
      return String(attr.value);
    case 'floats':
    case 'ints':
      return `[${attr.value.join(', ')}]`;
    case 'string':
      return JSON.stringify(text.decode(attr.value));
    case 'strings':
      return `[${attr.value.map((bytes) => JSON.stringify(text.decode(bytes))).join(', ')}]`;
    case 'tensor':
      return tensorText(attr.value);
    case 'tensors':
      return `[${attr.value.map(tensorText).join(', ')}]`;
    case 'graph':
      return '{...}';
    case 'graphs':
      return `[${attr.value.map(() => '{...}').join(', ')}]`;
    case 'reference':
      return `@${attr.value}`;
    case 'opaque':
      return `<${attr.value.byteLength} bytes>`;
  }
}
