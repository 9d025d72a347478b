/** lHalf: sum of sqrt(|x|), the half-quasinorm. */
import { separable } from './separable.js';

/**
 * The local minimum in closed form: Xu, Chang, Xu, Zhang, L1/2 regularization: a thresholding representation theory and a fast
 * solver (IEEE TNNLS 2012), whose lambda is 2 t here.
 */
const local = (z: number, t: number): number => {
  const angle = Math.acos((t / 4) * (z / 3) ** -1.5);
  return (2 / 3) * z * (1 + Math.cos((2 / 3) * (Math.PI - angle)));
};

export const lHalf = separable('l1/2', {
  value: (p) => Math.sqrt(Math.abs(p)),
  free(z, t) {
    const a = Math.abs(z);
    // the threshold (54^(1/3) / 4) (2 t)^(2/3), cubed: most elements of an attack end here, without a root
    if (a * a * a <= 3.375 * t * t) return 0;
    return z < 0 ? -local(a, t) : local(a, t);
  },
  local,
});
