/** The masks of a model that was pruned before: its zeros. */
import { floatsOf } from '../../tensor/convert.js';
import { float32 } from '../../tensor/tensor.js';
import type { Masking } from './loop.js';

/** A file says no more than zeros; what is zero in both models stays so too, as if it had been removed earlier. */
export const zerosRemoved: Masking['maskOf'] = (_, held) =>
  float32(
    held.shape,
    floatsOf(held).map((value) => (value === 0 ? 0 : 1)),
  );
