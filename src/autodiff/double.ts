/** double: a graph in float64, where differences of losses still mean something. Not every op of the runtime has such kernels. */
import { isDefaultDomain } from '../ir/node.js';
import type { Attr, Graph, Node, Value } from '../ir/types.js';
import { floatsOf } from '../tensor/convert.js';
import { type DataType, dataTypes } from '../tensor/dtype.js';
import { type Tensor, tensor } from '../tensor/tensor.js';

/**
 * `graph` with float64 wherever float32 stood: weights, constants, casts, declared types, in subgraphs too. Names stay. The scales
 * of Resize stay float32, as ONNX wants them.
 */
export function double(graph: Graph): Graph {
  const twins = new Map<Value, Value>();
  const fixed = fixedValues(graph);
  return doubleGraph(graph, fixed, (value) => {
    if (value.type?.dtype !== 'float32' || fixed.has(value)) return value;
    const twin = twins.get(value) ?? { ...value, type: { ...value.type, dtype: 'float64' as const } };
    twins.set(value, twin);
    return twin;
  });
}

type ToDouble = (value: Value) => Value;

/** Inputs of nodes that are float32 whatever the data is. */
const fixedInputs: Readonly<Record<string, readonly number[]>> = { Resize: [2], Upsample: [1] };

function fixedValues(graph: Graph): ReadonlySet<Value> {
  return new Set(
    graph.nodes.flatMap(({ op, inputs }) => (fixedInputs[op] ?? []).flatMap((i) => (inputs[i] ? [inputs[i]] : []))),
  );
}

const doubleGraph = (graph: Graph, fixed: ReadonlySet<Value>, to: ToDouble): Graph => ({
  ...graph,
  inputs: graph.inputs.map(to),
  outputs: graph.outputs.map(to),
  nodes: graph.nodes.map((node) => (node.outputs.some((v) => v && fixed.has(v)) ? node : doubleNode(node, to))),
  initializers: new Map(
    [...graph.initializers].map(([value, t]) => [to(value), fixed.has(value) ? t : doubleTensor(t)]),
  ),
});

const doubleNode = (node: Node, to: ToDouble): Node => ({
  ...node,
  inputs: node.inputs.map((value) => value && to(value)),
  outputs: node.outputs.map((value) => value && to(value)),
  attrs: Object.fromEntries(Object.entries(node.attrs).map(([name, attr]) => [name, doubleAttr(node, name, attr, to)])),
});

/** Attributes that hold the code of an element type. */
const typeAttrs = ['to', 'dtype', 'output_dtype', 'stash_type'];

function doubleAttr(node: Node, name: string, attr: Attr, to: ToDouble): Attr {
  switch (attr.kind) {
    case 'graph':
      return { ...attr, value: doubleGraph(attr.value, fixedValues(attr.value), to) };
    case 'graphs':
      return { ...attr, value: attr.value.map((body) => doubleGraph(body, fixedValues(body), to)) };
    case 'tensor':
      return { ...attr, value: doubleTensor(attr.value) };
    case 'int':
      return isDefaultDomain(node.domain) && typeAttrs.includes(name) && Number(attr.value) === dataTypes.float32.code
        ? { ...attr, value: BigInt(dataTypes.float64.code) }
        : attr;
    default:
      return attr;
  }
}

export const doubleType = (dtype: DataType): DataType => (dtype === 'float32' ? 'float64' : dtype);

/** The same numbers as float64; tensors of other types are left. */
export const doubleTensor = (t: Tensor): Tensor =>
  t.dtype === 'float32' ? tensor('float64', t.shape, Float64Array.from(floatsOf(t))) : t;
