/** Which values the runtime can report at all: its interface refuses a session when an output has another element type. */
import { intAttr, isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { type DataType, dataTypeOf } from '../tensor/dtype.js';

/** Types whose mere mention among the outputs makes the runtime's interface throw. */
const hidden: ReadonlySet<DataType> = new Set<DataType>([
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
]);

/** Ops whose output has a type of its own, whatever that of their data. */
const independent: ReadonlySet<string> = new Set(
  ['Shape', 'Size', 'ArgMax', 'ArgMin', 'NonZero', 'IsNaN', 'IsInf', 'Equal', 'Less', 'Greater'].concat([
    'LessOrEqual',
    'GreaterOrEqual',
  ]),
);

export const isHidden = (dtype: DataType): boolean => hidden.has(dtype);

/**
 * Node outputs that the runtime can report, as far as casts, quantisation and initializers tell: an op is taken to pass the
 * type of its inputs on.
 */
export function showableOutputs(graph: Graph): Value[] {
  const tainted = new Set<Value>();
  for (const [value, { dtype }] of graph.initializers) if (hidden.has(dtype)) tainted.add(value);
  for (const value of graph.inputs) if (value.type && hidden.has(value.type.dtype)) tainted.add(value);
  const shown: Value[] = [];
  for (const node of graph.nodes) {
    const isTainted = makesHidden(node, tainted);
    for (const value of node.outputs) {
      if (!value) continue;
      if (isTainted || (value.type && hidden.has(value.type.dtype))) tainted.add(value);
      else shown.push(value);
    }
  }
  return shown;
}

function makesHidden(node: Node, tainted: ReadonlySet<Value>): boolean {
  const isTainted = (index: number): boolean => {
    const value = node.inputs[index];
    return !!value && tainted.has(value);
  };
  if (!isDefaultDomain(node.domain)) return node.inputs.some((_, i) => isTainted(i));
  switch (node.op) {
    case 'Constant': {
      const held = node.attrs.value;
      return held?.kind === 'tensor' && hidden.has(held.value.dtype);
    }
    case 'Cast':
      return isHiddenCode(intAttr(node, 'to', 0));
    case 'CastLike':
      return isTainted(1);
    case 'QuantizeLinear':
      return isTainted(2) || isHiddenCode(intAttr(node, 'output_dtype', 0));
    case 'DequantizeLinear':
      // the output has the type of the scale
      return isTainted(1);
    default:
      return !independent.has(node.op) && node.inputs.some((_, i) => isTainted(i));
  }
}

function isHiddenCode(code: number): boolean {
  const dtype = dataTypeOf(code);
  return dtype !== undefined && hidden.has(dtype);
}
