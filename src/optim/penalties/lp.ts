/** lp: sum of |x|^q for any power q between 0 and 1. */
import { UserError } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import type { Penalty } from './penalty.js';
import { separable } from './separable.js';

/**
 * The penalty sum of |x|^power: zero up to the jump, beyond it the larger root of p + t q p^(q-1) = z, as in Marjanovic and Solo,
 * On lq optimization and matrix completion (IEEE TSP 2012).
 * @throws UserError if `power` isn't in (0, 1).
 */
export function lp(power: number): Required<Penalty> {
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
    emitted: {
      value: (g, p) => g.op('Pow', [p, g.scalar(q)]),
      local: (g, a, t) => emitLocal(g, a, t, q),
    },
  });
}

/** With p = a w the root is that of w + s w^(q-1) = 1: six of Newton's steps from 1 reach it within 1e-7 for every q. */
function emitLocal(g: Builder, a: Value, t: Value, q: number): Value {
  const [one, power, share] = [g.scalar(1), g.scalar(q - 1), g.scalar(1 - q)];
  const safe = g.op('Max', [a, g.scalar(1e-15)]);
  // the larger root is at least (1 - q) / (2 - q), and there a double one; where s is above that there is no minimum
  const least = (1 - q) / (2 - q);
  const scale = g.op('Div', [g.mul(t, g.scalar(q)), g.op('Pow', [safe, g.scalar(2 - q)])]);
  const s = g.op('Min', [scale, g.scalar(least ** (2 - q) / (1 - q))]);
  const bound = g.scalar(least * 1.001);
  let w: Value = one;
  for (let step = 0; step < 6; step++) {
    const pull = g.mul(s, g.op('Pow', [w, power]));
    const slope = g.sub(one, g.mul(share, g.op('Div', [pull, w])));
    w = g.op('Max', [g.sub(w, g.op('Div', [g.sub(g.add(w, pull), one), slope])), bound]);
  }
  return g.mul(a, w);
}
