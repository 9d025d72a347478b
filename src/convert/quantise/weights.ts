/** The layers that become integers, with their integers. */
import type { Graph, Value } from '../../ir/types.js';
import { constantsOf } from '../../ops/constants.js';
import type { Layer } from '../../ops/layers.js';
import { shapeOf } from '../../ops/layout.js';
import { readMatrices } from '../../ops/matrices.js';
import { permute } from '../../ops/permute.js';
import { floatsOf } from '../../tensor/convert.js';
import { storedBytes } from '../../tensor/dtype.js';
import { checkFinite, type Left } from '../chosen-layers.js';
import type { ConvertedTensor } from '../target.js';
import { weightError } from '../weight-error.js';
import { isMatMulOrGemm } from './products.js';
import { rowAxis } from './row-axis.js';
import { type Integers, symmetric } from './symmetric.js';

export interface IntegerWeight {
  readonly layer: Layer;
  readonly integers: Integers;
  /** [inputs, outputs] for the products that use it; as it was stored, in its place; or stored, for products and Gather alike. */
  readonly form: 'matrix' | 'stored' | 'looked-up';
  readonly tensor: ConvertedTensor;
}

export interface WeightSettings {
  readonly scales: 'channel' | 'tensor';
  readonly bits: number;
  readonly opset: number;
}

/** What a node and the names of its tensors take in a file, about: a weight that saves less is left. */
const bytesOfNode = 160;

/** @param left is told of the others. */
export function integerWeights(
  graph: Graph,
  layers: readonly Layer[],
  settings: WeightSettings,
  left: Left,
): IntegerWeight[] {
  const isMatrix = isPlainMatrix(graph);
  return layers.flatMap((layer): IntegerWeight[] => {
    const reason = refusal(layer, settings.opset) ?? (layer.role === 'matrix' ? undefined : lookedUp(graph, layer));
    const made = reason === undefined ? integersOf(layer, isMatrix(layer), settings) : reason;
    if (typeof made !== 'string') return [made];
    left.add(layer.name, made);
    return [];
  });
}

function refusal({ dtype, quantization }: Layer, opset: number): string | undefined {
  if (quantization) return 'the model dequantises it already';
  if (dtype === 'float16' && opset < 19) return 'DequantizeLinear gives float16 from opset 19 on';
  return dtype === 'float32' || dtype === 'float16' ? undefined : `it is stored as ${dtype}`;
}

/** Why a table that is read as data has to stay; undefined where all its other readers look rows up. */
function lookedUp(graph: Graph, { weight, stored, layout, uses, dtype }: Layer): string | undefined {
  const isRows = stored.shape.length === 2 && rowAxis(stored.shape, layout) === 0;
  const direct = graph.nodes.filter(({ inputs }) => inputs[0] === weight);
  const isKnown = (op: string): boolean => op === 'Gather' || op === 'Transpose' || op === 'Gemm';
  const isPlain =
    isRows &&
    dtype === 'float32' &&
    !graph.outputs.includes(weight) &&
    uses.every(({ node, input }) => isMatMulOrGemm(node) && input === 1) &&
    direct.every(
      ({ op, attrs }) => isKnown(op) && (op !== 'Gather' || !attrs.axis || Number(attrs.axis.value) === 0),
    ) &&
    readsOf(graph, weight) === direct.length + uses.filter(({ node }) => node.inputs[1] === weight).length;
  return isPlain ? undefined : 'other nodes read it as data';
}

const readsOf = (graph: Graph, value: Value): number =>
  graph.nodes.reduce((count, { inputs }) => count + inputs.filter((input) => input === value).length, 0);

function integersOf(layer: Layer, isMatrix: boolean, { scales, bits, opset }: WeightSettings): IntegerWeight | string {
  const { name, stored, layout, dtype } = layer;
  const isTied = layer.role !== 'matrix';
  const form = isTied ? 'looked-up' : isMatrix ? 'matrix' : 'stored';
  const shape = form === 'matrix' ? [layout.columns, layout.rows] : stored.shape;
  const values =
    form === 'matrix' ? permute(readMatrices(layer), [layout.rows, layout.columns], [1, 0]) : floatsOf(stored);
  checkFinite(name, values);
  const isPerChannel = scales === 'channel' && opset >= firstAxis;
  const own = form === 'matrix' ? (layout.rows > 1 ? 1 : undefined) : rowAxis(shape, layout);
  const integers = symmetric(values, shape, isPerChannel ? own : undefined, bits);
  const before = stored.payload.byteLength;
  const count = integers.scales.length;
  // a zero point a scale
  const after = integers.stored.payload.byteLength + storedBytes(dtype, count) + count;
  if (after + bytesOfNode >= before) return 'it is so small that scales and nodes take what integers save';
  const tensor = {
    name,
    from: dtype,
    to: bits === 8 ? 'int8' : `int8 of ${bits} bits`,
    bytes: { before, after },
    error: weightError(values, integers.decoded),
  };
  return { layer, integers, form, tensor };
}

/** DequantizeLinear has scales along an axis from here on. */
export const firstAxis = 13;

/** Whether a layer is only ever the right side of MatMul or Gemm, as a matrix of two axes and of the type it is stored in. */
export function isPlainMatrix(graph: Graph): (layer: Layer) => boolean {
  const { trace } = constantsOf(graph);
  return ({ uses, layout, dtype }) =>
    layout.stacks === 1 &&
    uses.every(({ node, input, dtype: used }) => {
      if (!isMatMulOrGemm(node) || input !== 1 || used !== dtype) return false;
      const traced = trace(node.inputs[1] as Value);
      return typeof traced !== 'string' && shapeOf(traced.seen).length === 2;
    });
}
