/** lTwoThirds: sum of |x|^(2/3). */
import { separable } from './separable.js';

/**
 * The larger root y of y^4 - z y + 2 t / 3 = 0, cubed, by Newton's steps from cbrt(z), which come down to it. Closed form and threshold:
 * Cao, Sun, Xu, Fast image deconvolution using closed-form thresholding formulas of Lq (q = 1/2, 2/3) regularization (JVCIR 2013),
 * whose lambda is 2 t here.
 */
function local(z: number, t: number): number {
  if (2048 * t * t * t > 729 * z * z * z * z) return Number.NaN;
  const least = Math.cbrt(z / 4);
  let y = Math.cbrt(z);
  for (;;) {
    const cube = y * y * y;
    const next = Math.max(y - ((cube - z) * y + (2 * t) / 3) / (4 * cube - z), least);
    if (!(next < y)) return cube;
    y = next;
  }
}

export const lTwoThirds = separable('l2/3', {
  value: (p) => Math.cbrt(p) ** 2,
  free(z, t) {
    const a = Math.abs(z);
    // the threshold (2/3) (3 (2 t)^3)^(1/4), to the fourth power
    if (27 * a * a * a * a <= 128 * t * t * t) return 0;
    return z < 0 ? -local(a, t) : local(a, t);
  },
  local,
});
