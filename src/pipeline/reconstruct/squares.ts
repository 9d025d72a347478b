/** Sums of squares over tensors: what relative errors are made of. */
import { floatsOf } from '../../tensor/convert.js';
import { isFloat } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';

/** ‖t‖², in float64. */
export function energyOf(t: Tensor): number {
  const x = floatsOf(t);
  let sum = 0;
  // not `** 2`: that is a call of pow, several times as slow over the millions of numbers here
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum;
}

/** ‖a - b‖² over all of `wanted` that are floats, and ‖a‖²; `now` holds the same values. */
export function distanceOf<Key>(
  wanted: ReadonlyMap<Key, Tensor>,
  now: ReadonlyMap<Key, Tensor>,
): { readonly change: number; readonly whole: number } {
  let [change, whole] = [0, 0];
  for (const [key, t] of wanted) {
    if (!isFloat(t.dtype)) continue;
    const [x, y] = [floatsOf(t), floatsOf(now.get(key) as Tensor)];
    for (let i = 0; i < x.length; i++) {
      const difference = x[i]! - y[i]!;
      change += difference * difference;
    }
    whole += energyOf(t);
  }
  return { change, whole };
}
