/** lHalf: sum of sqrt(|x|), the half-quasinorm. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { separable } from './separable.js';

/**
 * The larger root y of y^3 - z y + t / 2 = 0, squared. Newton's steps from sqrt(z) come down to it in half a dozen, for a sixth of what
 * the closed form's arccosine costs: Xu, Chang, Xu, Zhang, L1/2 regularization: a thresholding representation theory and a fast
 * solver (IEEE TNNLS 2012), whose lambda is 2 t here.
 */
function local(z: number, t: number): number {
  if (27 * t * t > 16 * z * z * z) return Number.NaN;
  const least = Math.sqrt(z / 3);
  let y = Math.sqrt(z);
  for (;;) {
    const next = Math.max(y - ((y * y - z) * y + t / 2) / (3 * y * y - z), least);
    if (!(next < y)) return y * y;
    y = next;
  }
}

export const lHalf = separable('l1/2', {
  value: (p) => Math.sqrt(Math.abs(p)),
  free(z, t) {
    const a = Math.abs(z);
    // the threshold (54^(1/3) / 4) (2 t)^(2/3), cubed: most elements of an attack end here, without a root
    if (a * a * a <= 3.375 * t * t) return 0;
    return z < 0 ? -local(a, t) : local(a, t);
  },
  local,
  emitted: { value: (g, p) => g.op('Sqrt', [p]), local: emitLocal },
});

/** The closed form, (2/3) a (1 + cos(2 arccos(-c) / 3)) with c = (t / 4) (3 / a)^(3/2): a dozen nodes, fewer than Newton's steps. */
function emitLocal(g: Builder, a: Value, t: Value): Value {
  // kept from 0, so that t = 0 takes the smallest numbers to themselves
  const root = g.op('Sqrt', [g.op('Max', [g.mul(a, g.scalar(1 / 3)), g.scalar(1e-20)])]);
  const c = g.op('Div', [g.mul(t, g.scalar(1 / 4)), g.mul(root, g.mul(root, root))]);
  const angle = g.op('Acos', [g.op('Neg', [g.op('Min', [c, g.scalar(1)])])]);
  const cosine = g.op('Cos', [g.mul(angle, g.scalar(2 / 3))]);
  return g.mul(a, g.mul(g.add(cosine, g.scalar(1)), g.scalar(2 / 3)));
}
