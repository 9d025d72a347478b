/** lp: sum of |x|^q for any power q between 0 and 1. */
import { UserError } from '../../errors.js';
import type { Penalty } from './penalty.js';
import { separable } from './separable.js';

/**
 * The penalty sum of |x|^power: zero up to the jump, beyond it the larger root of p + t q p^(q-1) = z, as in Marjanovic and Solo,
 * On lq optimization and matrix completion (IEEE TSP 2012).
 * @throws UserError if `power` isn't in (0, 1).
 */
export function lp(power: number): Penalty {
  const q = power;
  if (!(q > 0 && q < 1)) {
    throw new UserError('lp', `expected a power in (0, 1), got ${q}; l0, l1 and squaredL2 are penalties of their own`);
  }

  /** Where the slope p + t q p^(q-1) is least: below it there is no local minimum. */
  const turn = (t: number): number => (t * q * (1 - q)) ** (1 / (2 - q));

  const local = (z: number, t: number): number => {
    const least = turn(t);
    if (z < (least * (2 - q)) / (1 - q)) return Number.NaN;
    if (z === Number.POSITIVE_INFINITY) return z;
    // the slope is convex, so that Newton's steps from z come down to the root and never pass it but by rounding
    let p = z;
    for (let i = 0; i < 100; i++) {
      const pull = t * q * p ** (q - 1);
      const next = Math.max(p - (p + pull - z) / (1 + ((q - 1) * pull) / p), least);
      if (!(next < p)) break;
      p = next;
    }
    return p;
  };

  return separable(`l${q}`, {
    value: (p) => (p === 0 ? 0 : Math.abs(p) ** q),
    free(z, t) {
      const a = Math.abs(z);
      const jump = (2 * t * (1 - q)) ** (1 / (2 - q));
      if (a <= (jump * (2 - q)) / (2 * (1 - q))) return 0;
      return z < 0 ? -local(a, t) : local(a, t);
    },
    local,
  });
}
