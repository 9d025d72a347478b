/** What in a graph is constant, and through which ops a stored weight can still be recognised. */
import { producers } from '../ir/graph.js';
import { intAttr, intsAttr, isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { floatsOf } from '../tensor/convert.js';
import { type DataType, dataTypeOf, dataTypes } from '../tensor/dtype.js';
import type { Quantization } from '../tensor/quantized.js';
import { dataOf, type Tensor } from '../tensor/tensor.js';
import { reshaped, type Seen, seenAs, shapeOf, transposed } from './layout.js';

/** A stored tensor as a node sees it. */
export interface Traced {
  /** The initializer, or the output of the Constant node, that stores it. */
  readonly root: Value;
  readonly stored: Tensor;
  readonly seen: Seen;
  /** Element type at the node that reads it. */
  readonly dtype: DataType;
  readonly quantization?: Quantization;
}

export interface Constants {
  /** Whether a value depends on no graph input. */
  isConstant(value: Value): boolean;
  /** The tensor of an initializer or Constant node. */
  tensorOf(value: Value): Tensor | undefined;
  /** The stored tensor behind a constant, or why it cannot be followed there. */
  trace(value: Value): Traced | string;
}

export function constantsOf(graph: Graph): Constants {
  const makers = producers(graph);
  const constant = constantValues(graph);
  const tensorOf = (value: Value): Tensor | undefined =>
    graph.initializers.get(value) ?? constantTensor(makers.get(value));
  const trace = (value: Value): Traced | string => {
    const stored = tensorOf(value);
    if (stored) return { root: value, stored, seen: seenAs(stored.shape), dtype: stored.dtype };
    const node = makers.get(value);
    const step = node && stepOf(node);
    if (!node || !step) return `its weight is computed from constants by ${node?.op ?? 'an unknown op'}`;
    const before = trace(node.inputs[0] as Value);
    return typeof before === 'string' ? before : step(before, node, tensorOf);
  };
  return { isConstant: (value) => constant.has(value), tensorOf, trace };
}

/** Whether a node only passes on its first input in another form, so that a weight is followed through it. */
export const passesOn = (node: Node): boolean => stepOf(node) !== undefined;

function stepOf(node: Node): Step | undefined {
  const isKnown = isDefaultDomain(node.domain) || (node.domain === 'com.microsoft' && node.op === 'DequantizeLinear');
  return isKnown && Object.hasOwn(steps, node.op) ? steps[node.op] : undefined;
}

function constantValues(graph: Graph): ReadonlySet<Value> {
  const constant = new Set<Value>(graph.initializers.keys());
  for (const node of graph.nodes) {
    const isFixed = node.op === 'Constant' || (node.inputs.length > 0 && isDeterministic(node));
    if (!isFixed || node.inputs.some((value) => value && !constant.has(value))) continue;
    for (const value of node.outputs) if (value) constant.add(value);
  }
  return constant;
}

const isDeterministic = (node: Node): boolean =>
  !node.op.startsWith('Random') &&
  !['Multinomial', 'Bernoulli', 'Dropout'].includes(node.op) &&
  !Object.values(node.attrs).some(({ kind }) => kind === 'graph' || kind === 'graphs');

function constantTensor(node: Node | undefined): Tensor | undefined {
  const attr = node?.op === 'Constant' && isDefaultDomain(node.domain) ? node.attrs.value : undefined;
  return attr?.kind === 'tensor' ? attr.value : undefined;
}

type Step = (before: Traced, node: Node, tensorOf: Constants['tensorOf']) => Traced | string;

const uneven = (node: Node): string => `its weight goes through a ${node.op} that is not a plain rearrangement`;

const inShape =
  (shapeAfter: (shape: readonly number[], node: Node, tensorOf: Constants['tensorOf']) => number[] | undefined): Step =>
  (before, node, tensorOf) => {
    const shape = shapeAfter(shapeOf(before.seen), node, tensorOf);
    const seen = shape && reshaped(before.seen, shape);
    return seen ? { ...before, seen } : uneven(node);
  };

const steps: Readonly<Record<string, Step>> = {
  Identity: (before) => before,
  Cast: (before, node) => ({ ...before, dtype: dataTypeOf(intAttr(node, 'to', 0)) ?? before.dtype }),
  Transpose: (before, node) => {
    const perm = intsAttr(node, 'perm') ?? before.seen.map((_, axis) => before.seen.length - 1 - axis);
    return { ...before, seen: transposed(before.seen, perm) };
  },
  Reshape: inShape((shape, node, tensorOf) => {
    const wanted = integers(tensorOf, node.inputs[1]);
    if (!wanted) return undefined;
    const sizes = wanted.map((size, i) => (size === 0 && !intAttr(node, 'allowzero', 0) ? shape[i]! : size));
    const known = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1);
    const total = shape.reduce((product, size) => product * size, 1);
    return sizes.map((size) => (size === -1 ? total / known : size));
  }),
  Flatten: inShape((shape, node) => {
    const axis = intAttr(node, 'axis', 1);
    const sizes = [shape.slice(0, axis), shape.slice(axis)];
    return sizes.map((part) => part.reduce((product, size) => product * size, 1));
  }),
  Squeeze: inShape((shape, node, tensorOf) => {
    const axes = axesOf(node, tensorOf)?.map((axis) => (axis < 0 ? axis + shape.length : axis));
    return shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1));
  }),
  Unsqueeze: inShape((shape, node, tensorOf) => {
    const axes = axesOf(node, tensorOf);
    if (!axes) return undefined;
    const rank = shape.length + axes.length;
    const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
    const rest = [...shape];
    return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift()!));
  }),
  DequantizeLinear: (before, node, tensorOf) => {
    const scale = node.inputs[1] && tensorOf(node.inputs[1]);
    const zeroPoint = node.inputs[2] ? tensorOf(node.inputs[2]) : undefined;
    if (!scale || (node.inputs[2] && !zeroPoint)) return 'its weight is dequantised by a scale that is not stored';
    if (before.quantization || dataTypes[before.dtype].isFloat) return `its weight is dequantised from ${before.dtype}`;
    if (!isAsStored(before)) return 'its weight is rearranged before DequantizeLinear; rearrange it after';
    const quantization = quantizationOf(node, before.stored.shape, scale, zeroPoint);
    return { ...before, dtype: scale.dtype, quantization };
  },
};

const axesOf = (node: Node, tensorOf: Constants['tensorOf']): readonly number[] | undefined =>
  intsAttr(node, 'axes') ?? integers(tensorOf, node.inputs[1]);

function integers(tensorOf: Constants['tensorOf'], value: Value | null | undefined): number[] | undefined {
  const t = value ? tensorOf(value) : undefined;
  return t && Array.from(dataOf(t) as BigInt64Array, Number);
}

const isAsStored = ({ seen, stored }: Traced): boolean => JSON.stringify(seen) === JSON.stringify(seenAs(stored.shape));

function quantizationOf(
  node: Node,
  shape: readonly number[],
  scale: Tensor,
  zeroPoint: Tensor | undefined,
): Quantization {
  const axis = intAttr(node, 'axis', 1);
  const values = floatsOf(scale);
  return {
    scale: values,
    zeroPoint: zeroPoint ? floatsOf(zeroPoint) : new Float32Array(values.length),
    axis: axis < 0 ? axis + shape.length : axis,
    blockSize: Math.max(1, intAttr(node, 'block_size', 0)),
    isBlocked: intAttr(node, 'block_size', 0) > 0,
  };
}
