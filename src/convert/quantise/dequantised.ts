/** Stored integers in a graph, and their floats as DequantizeLinear makes them. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { tensorOf } from '../../tensor/convert.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { IntegerWeight } from './weights.js';

export interface StoredIntegers {
  readonly form: IntegerWeight['form'];
  readonly integers: Value;
  readonly scales: Tensor;
  /** The floats; emitted when first asked for. */
  real(): Value;
}

export function storedIntegers(g: Builder, { layer, integers, form }: IntegerWeight): StoredIntegers {
  const { stored, scales, axis } = integers;
  const shape = axis === undefined ? [] : [scales.length];
  const scale = tensorOf(layer.dtype, shape, scales);
  const value = g.constant(stored, layer.name);
  let real: Value | undefined;
  return {
    form,
    integers: value,
    scales: scale,
    real() {
      const along = axis === undefined ? {} : { axis };
      if (real) return real;
      // measured: without a zero point that says 0, the runtime leaves a Gemm in floats
      const zero = tensor('int8', shape, new Int8Array(scales.length));
      const inputs = [value, g.constant(scale, `${layer.name}/scale`), g.constant(zero, `${layer.name}/zero`)];
      real = g.op('DequantizeLinear', inputs, along);
      return real;
    },
  };
}
