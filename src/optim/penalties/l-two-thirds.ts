/** lTwoThirds: sum of |x|^(2/3). */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
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
  emitted: { value: (g, p) => g.op('Pow', [p, g.scalar(2 / 3)]), local: emitLocal },
});

/**
 * With y = cbrt(a / 4) u the quartic is u^4 - 4 u + s = 0, whose larger root is 1 at s = 3, where it is a double one, and cbrt(4) at s = 0.
 * Between them it is 1 + 0.7 r + 0.1874 r^2, r = sqrt(1 - s / 3), within 0.004: from there two of Newton's steps reach 1e-8. The closed
 * form's arcosh loses three digits to float32 where t is small.
 */
function emitLocal(g: Builder, a: Value, t: Value): Value {
  const [one, slope, bend] = [g.scalar(1), g.scalar(0.7), g.scalar(Math.cbrt(4) - 1.7)];
  const safe = g.op('Max', [a, g.scalar(1e-20)]);
  const power = g.op('Pow', [safe, g.scalar(4 / 3)]);
  // s / 4; where s would exceed 3 there is no minimum, and no point is better than 0
  const quarter = g.op('Min', [g.op('Div', [g.mul(t, g.scalar((2 / 3) * Math.cbrt(4))), power]), g.scalar(0.75)]);
  const r = g.op('Sqrt', [g.op('Max', [g.sub(one, g.mul(quarter, g.scalar(4 / 3))), g.scalar(1e-6)])]);
  let u = g.add(one, g.mul(r, g.add(slope, g.mul(r, bend))));
  for (let step = 0; step < 2; step++) {
    const square = g.mul(u, u);
    const above = g.sub(g.mul(g.mul(square, square), g.scalar(0.75)), quarter);
    u = g.op('Div', [above, g.sub(g.mul(square, u), one)]);
  }
  return g.mul(a, g.mul(g.mul(g.mul(u, u), u), g.scalar(1 / 4)));
}
