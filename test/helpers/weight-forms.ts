/** The ways in which exporters store the weight of a product: each emits `x` times a weight [inputs, outputs]. */
import type { Value } from '../../src/ir/types.js';
import type { Builder } from '../../src/ops/builder.js';
import { floatsOf, tensorOf } from '../../src/tensor/convert.js';
import type { DataType } from '../../src/tensor/dtype.js';
import { type Quantization, quantize } from '../../src/tensor/quantized.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import type { Linear } from './tiny-gpt.js';

/** Forms that hold the same numbers as the plain one. */
export const exactForms: Readonly<Record<string, Linear>> = {
  'a Transpose': (g, x, w, hold) => g.matmul(x, g.transpose(hold(turned(w)), [1, 0])),
  'an Identity': (g, x, w, hold) => g.matmul(x, g.op('Identity', [hold(w)])),
  'a Cast from float64': (g, x, w, hold) =>
    g.matmul(x, g.op('Cast', [hold(tensorOf('float64', w.shape, floatsOf(w)))], { to: 1 })),
  'an Identity, a Transpose and a Cast': (g, x, w, hold) => {
    const stored = hold(tensorOf('float64', turned(w).shape, floatsOf(turned(w))));
    return g.matmul(x, g.op('Cast', [g.transpose(g.op('Identity', [stored]), [1, 0])], { to: 1 }));
  },
  'a Constant node': (g, x, w) => g.matmul(x, constantNode(g, w)),
  'Gemm with transB': (g, x, w, hold) => {
    const [inputs, outputs] = w.shape as [number, number];
    const flat = g.op('Gemm', [g.reshape(x, [-1, inputs]), hold(turned(w))], { transB: 1 });
    const leading = g.slice(g.op('Shape', [x]), [0], [2], [0]);
    return g.op('Reshape', [flat, g.concat([leading, g.ints([outputs])], 0)]);
  },
  'a product from the left': (g, x, w, hold) =>
    g.transpose(g.matmul(hold(turned(w)), g.transpose(x, [0, 2, 1])), [0, 2, 1]),
  'FusedMatMul with transB': (g, x, w, hold) =>
    g.ops('FusedMatMul', [x, hold(turned(w))], 1, { transB: 1 }, 'com.microsoft')[0] as Value,
};

export interface QuantizedForm {
  readonly linear: Linear;
  readonly zeroPoint: number;
}

/** Integers behind DequantizeLinear. */
export const quantizedForms: Readonly<Record<string, QuantizedForm>> = {
  'int8, one scale': { zeroPoint: 0, linear: dequantized('int8', { axis: 1 }, () => 0.01) },
  'uint8 with a zero point': { zeroPoint: 131, linear: dequantized('uint8', { axis: 1 }, () => 0.01, 131) },
  'int8, a scale per output': { zeroPoint: 0, linear: dequantized('int8', { axis: 1, isPerAxis: true }, variedScale) },
  'int8, a scale per input': {
    zeroPoint: 3,
    linear: dequantized('int8', { axis: 0, isPerAxis: true }, variedScale, 3),
  },
  'int4, a scale per 8 inputs': {
    zeroPoint: 0,
    linear: dequantized('int4', { axis: 0, block: 8 }, (i) => 0.12 + 0.002 * (i % 7)),
  },
  'uint4, a scale and a zero point per 8 inputs': {
    zeroPoint: 7,
    linear: dequantized('uint4', { axis: 0, block: 8 }, (i) => 0.12 + 0.002 * (i % 7), 7),
  },
};

function variedScale(i: number): number {
  return 0.008 + 0.0005 * (i % 5);
}

interface Spread {
  readonly axis: number;
  readonly isPerAxis?: boolean;
  readonly block?: number;
}

function dequantized(
  dtype: DataType,
  { axis, isPerAxis = false, block = 0 }: Spread,
  scaleAt: (i: number) => number,
  zero = 0,
): Linear {
  return (g, x, w, hold) => {
    const shape = block
      ? w.shape.map((size, i) => (i === axis ? size / block : size))
      : isPerAxis
        ? [w.shape[axis]!]
        : [];
    const scale = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => scaleAt(i));
    const zeroPoint = scale.map(() => zero);
    const q: Quantization = { scale, zeroPoint, axis, blockSize: Math.max(1, block), isBlocked: block > 0 };
    const stored = hold(tensorOf(dtype, w.shape, quantize(floatsOf(w), dtype, w.shape, q)));
    const inputs = [stored, g.constant(float32(shape, scale), 'scale')];
    if (zero !== 0) inputs.push(g.constant(tensorOf(dtype, shape, zeroPoint), 'zero'));
    return g.matmul(x, g.op('DequantizeLinear', inputs, { axis, ...(block && { block_size: block }) }));
  };
}

function turned(w: Tensor): Tensor {
  const [rows, columns] = w.shape as [number, number];
  const values = floatsOf(w);
  return float32(
    [columns, rows],
    values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!),
  );
}

function constantNode(g: Builder, w: Tensor): Value {
  return g.op('Constant', [], { value: { kind: 'tensor', value: w } });
}
