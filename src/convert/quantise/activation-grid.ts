/** The eight bits that a range of activations is rounded to. */
import { scalar, type Tensor, tensor } from '../../tensor/tensor.js';
import type { Range } from './ranges.js';

export interface ActivationGrid {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly type: 'uint8' | 'int8';
}

/**
 * Zero is one of its numbers exactly, as padding and Relu need. The scale is a millionth short, so that no number of the grid lies
 * beyond a bound that Clip puts: the runtime then drops the Clip.
 */
export function activationGrid({ low, high }: Pick<Range, 'low' | 'high'>, type: 'uint8' | 'int8'): ActivationGrid {
  const least = type === 'uint8' ? 0 : -128;
  const span = high - low;
  const scale = Math.fround(span > 0 ? Math.max((span / 255) * (1 - 1e-6), 2 ** -126) : 1);
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-low / scale))) + least, type };
}

export const scaleTensor = ({ scale }: ActivationGrid): Tensor => scalar(scale);

export const zeroTensor = ({ zeroPoint, type }: ActivationGrid): Tensor =>
  type === 'uint8' ? tensor('uint8', [], Uint8Array.of(zeroPoint)) : tensor('int8', [], Int8Array.of(zeroPoint));
