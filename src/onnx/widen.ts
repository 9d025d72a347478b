/** widen: a half-precision graph as a float32 working copy. What is saved stays half; this copy is only run. */
import { isDefaultDomain } from '../ir/node.js';
import type { Attr, Graph, Node, Value } from '../ir/types.js';
import { type DataType, dataTypes } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import { widenTensor } from './widen-tensor.js';

export interface Widened {
  readonly graph: Graph;
  /** Values that became other objects, because their type was half precision; all others stay the same objects. */
  readonly values: ReadonlyMap<Value, Value>;
}

/**
 * `graph` with float32 wherever float16 or bfloat16 stood: weights (converted when read), constants, casts, declared types,
 * and what subgraphs and functions hold. Names stay. A graph without half precision is returned as it is; float64 stays.
 *
 * Infinite constants become the largest finite value of the stored type, so that a fully masked row gives an average
 * instead of NaN. Feeds of the copy are float32.
 */
export function widen(graph: Graph): Widened {
  const values = new Map<Value, Value>();
  const wide = widenGraph(graph, (value) => {
    if (!value.type || !isHalf(value.type.dtype)) return value;
    const known = values.get(value) ?? { ...value, type: { ...value.type, dtype: 'float32' as const } };
    values.set(value, known);
    return known;
  });
  return { graph: wide, values };
}

type ToWide = (value: Value) => Value;

const isHalf = (dtype: DataType): boolean => dtype === 'float16' || dtype === 'bfloat16';

const widenTensorIfHalf = (t: Tensor): Tensor => (isHalf(t.dtype) ? widenTensor(t) : t);

const widenGraph = (graph: Graph, to: ToWide): Graph => ({
  ...graph,
  inputs: graph.inputs.map(to),
  outputs: graph.outputs.map(to),
  nodes: graph.nodes.map((node) => widenNode(node, to)),
  initializers: new Map([...graph.initializers].map(([value, t]) => [to(value), widenTensorIfHalf(t)])),
  functions: graph.functions.map((f) => ({ ...f, body: widenGraph(f.body, to) })),
});

function widenNode(node: Node, to: ToWide): Node {
  const attrs = Object.entries(node.attrs).map(([name, attr]) => [name, widenAttr(node, name, attr, to)] as const);
  const isSame =
    attrs.every(([name, attr]) => attr === node.attrs[name]) &&
    [...node.inputs, ...node.outputs].every((value) => !value || to(value) === value);
  if (isSame) return node;
  return {
    ...node,
    inputs: node.inputs.map((value) => value && to(value)),
    outputs: node.outputs.map((value) => value && to(value)),
    attrs: Object.fromEntries(attrs),
  };
}

/** Attributes that hold the code of an element type. */
const typeAttrs = ['to', 'dtype', 'output_dtype', 'output_datatype', 'stash_type', 'softmax_precision'];

function widenAttr(node: Node, name: string, attr: Attr, to: ToWide): Attr {
  switch (attr.kind) {
    case 'graph':
      return { ...attr, value: widenGraph(attr.value, to) };
    case 'graphs':
      return { ...attr, value: attr.value.map((body) => widenGraph(body, to)) };
    case 'tensor':
      return isHalf(attr.value.dtype) ? { ...attr, value: widenTensor(attr.value) } : attr;
    case 'tensors':
      return { ...attr, value: attr.value.map(widenTensorIfHalf) };
    case 'int':
      return isDefaultDomain(node.domain) && typeAttrs.includes(name) && isHalfCode(attr.value)
        ? { ...attr, value: BigInt(dataTypes.float32.code) }
        : attr;
    default:
      return attr;
  }
}

const isHalfCode = (code: bigint): boolean =>
  Number(code) === dataTypes.float16.code || Number(code) === dataTypes.bfloat16.code;
