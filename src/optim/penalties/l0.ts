/** l0: the number of elements that are not zero. */
import { separable } from './separable.js';

/** Hard thresholding at sqrt(2 t). */
export const l0 = separable('l0', {
  value: (p) => (p === 0 ? 0 : 1),
  free: (z, t) => (z * z <= 2 * t ? 0 : z),
  local: (z) => z,
  emitted: { value: (g, p) => g.op('Sign', [p]), local: (_g, a) => a },
});
