/** double: a graph in float64, where differences still mean something. Not every op of the runtime has such kernels: see `inDouble`. */
import { isDefaultDomain } from '../ir/node.js';
import type { Attr, Graph, Node, TensorType, Value } from '../ir/types.js';
import { floatsOf } from '../tensor/convert.js';
import { type DataType, dataTypes } from '../tensor/dtype.js';
import { float32, scalar, type Tensor, tensor } from '../tensor/tensor.js';
import type { Prepared } from './prepare.js';

/**
 * A prepared graph with float64 wherever float32 stood: weights, constants, casts, declared types, in subgraphs too. Names stay.
 * The scales and regions of Resize, and what they are computed from, stay float32, as ONNX wants them.
 */
export function double({ graph, types }: Prepared): Prepared {
  const twins = new Map<Value, Value>();
  const isSingle = (value: Value): boolean => types.get(value)?.dtype === 'float32';
  const fixed = fixedValues(graph, isSingle);
  const doubled = doubleGraph(graph, {
    fixed,
    isSingle,
    to: (value) => {
      if (value.type?.dtype !== 'float32' || fixed.has(value)) return value;
      const twin = twins.get(value) ?? { ...value, type: { ...value.type, dtype: 'float64' as const } };
      twins.set(value, twin);
      return twin;
    },
  });
  const retyped = [...types].map(([value, type]): [Value, TensorType] => [
    twins.get(value) ?? value,
    fixed.has(value) ? type : { ...type, dtype: doubleType(type.dtype) },
  ]);
  return { graph: doubled, types: new Map(retyped) };
}

interface Doubling {
  /** What stays as it is, by graph: its own set for every subgraph. */
  readonly fixed: ReadonlySet<Value>;
  isSingle(value: Value): boolean;
  to(value: Value): Value;
}

/** Inputs of nodes that are float32 whatever the data is. */
const fixedInputs: Readonly<Record<string, readonly number[]>> = { Resize: [1, 2], Upsample: [1] };

function fixedValues(graph: Graph, isSingle: Doubling['isSingle']): ReadonlySet<Value> {
  const fixed = new Set<Value>();
  for (const { op, inputs, outputs } of graph.nodes.toReversed()) {
    const isFixed = outputs.some((value) => value && fixed.has(value));
    for (const [i, value] of inputs.entries()) {
      if (value && isSingle(value) && (isFixed || fixedInputs[op]?.includes(i))) fixed.add(value);
    }
  }
  return fixed;
}

const doubleGraph = (graph: Graph, doubling: Doubling): Graph => {
  const { fixed, to } = doubling;
  const isFixed = ({ outputs }: Node): boolean => outputs.some((value) => value && fixed.has(value));
  return {
    ...graph,
    inputs: graph.inputs.map(to),
    outputs: graph.outputs.map(to),
    nodes: graph.nodes.map((node) => (isFixed(node) ? node : doubleNode(node, doubling))),
    initializers: new Map(
      [...graph.initializers].map(([value, t]) => [to(value), fixed.has(value) ? t : doubleTensor(t)]),
    ),
  };
};

const doubleNode = (node: Node, doubling: Doubling): Node => ({
  ...node,
  inputs: node.inputs.map((value) => value && doubling.to(value)),
  outputs: node.outputs.map((value) => value && doubling.to(value)),
  attrs: Object.fromEntries(
    Object.entries(withoutDefault(node)).map(([name, attr]) => [name, doubleAttr(node, name, attr, doubling)]),
  ),
});

/** Ops whose output is float32 where no attribute says otherwise. */
const makesSingle = ['MelWeightMatrix', 'HannWindow', 'HammingWindow', 'BlackmanWindow'];

/** Zeros are float32 unless a node says otherwise, and a number in an attribute is float32 anyway. */
function withoutDefault({ op, domain, attrs }: Node): Node['attrs'] {
  if (!isDefaultDomain(domain)) return attrs;
  if (op === 'ConstantOfShape')
    return { value: { kind: 'tensor', value: float32([1], new Float32Array(1)) }, ...attrs };
  if (makesSingle.includes(op))
    return { output_datatype: { kind: 'int', value: BigInt(dataTypes.float32.code) }, ...attrs };
  const { value_float, value_floats } = attrs;
  if (value_float?.kind === 'float') return { value: { kind: 'tensor', value: scalar(value_float.value) } };
  if (value_floats?.kind !== 'floats') return attrs;
  const values = Float32Array.from(value_floats.value);
  return { value: { kind: 'tensor', value: float32([values.length], values) } };
}

/** Attributes that hold the code of an element type. */
const typeAttrs = ['to', 'dtype', 'output_dtype', 'output_datatype', 'stash_type'];

function doubleAttr(node: Node, name: string, attr: Attr, doubling: Doubling): Attr {
  const inside = (body: Graph): Graph =>
    doubleGraph(body, { ...doubling, fixed: fixedValues(body, doubling.isSingle) });
  switch (attr.kind) {
    case 'graph':
      return { ...attr, value: inside(attr.value) };
    case 'graphs':
      return { ...attr, value: attr.value.map(inside) };
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
