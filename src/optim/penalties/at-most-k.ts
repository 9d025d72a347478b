/** atMostK: the constraint that no more than k elements differ from zero. */
import { UserError } from '../../errors.js';
import { emitClip, emitSavings } from './emit-clip.js';
import { type Box, clip, each, everywhere, type Penalty } from './penalty.js';

/**
 * The projection keeps the k elements that save most, z^2 - (z - p)^2 for p the nearest in the box; of equals the first.
 * @throws UserError in `prox` if the box keeps more than k elements from zero.
 */
export function atMostK(k: number): Required<Penalty> {
  return {
    name: 'at most k',
    value: (x) => (x.reduce((count, p) => (p === 0 ? count : count + 1), 0) <= k ? 0 : Number.POSITIVE_INFINITY),
    prox(z, _step, box = everywhere, out = new Float32Array(z.length)) {
      const savings = savingsIn(z, box, k);
      const least = k > 0 ? (savings.slice().sort()[Math.max(z.length - k, 0)] as number) : Number.POSITIVE_INFINITY;
      let equals = k - savings.reduce((count, saved) => (saved > least ? count + 1 : count), 0);
      for (let i = 0; i < z.length; i++) {
        const saved = savings[i] as number;
        const kept = saved > least || (saved === least && equals-- > 0);
        out[i] = kept ? clip(z[i] as number, each(box.lower, i), each(box.upper, i)) : 0;
      }
      return out;
    },
    emitProx(g, z, _step, box) {
      const saved = g.op('Where', [g.op('IsNaN', [z]), g.scalar(Number.POSITIVE_INFINITY), emitSavings(g, z, box)]);
      const size = g.op('Shape', [z], { start: -1 });
      const [, kept] = g.ops('TopK', [saved, g.op('Min', [g.ints([k]), size])], 2, { axis: -1 });
      const ones = g.op('Expand', [g.scalar(1), g.op('Shape', [kept!])]);
      const none = g.op('ConstantOfShape', [g.op('Shape', [z])]);
      const mask = g.op('ScatterElements', [none, kept!, ones], { axis: -1 });
      return g.op('Where', [g.op('Greater', [mask, g.scalar(0)]), emitClip(g, z, box), g.scalar(0)]);
    },
  };
}

/** What each element saves if it isn't set to zero; infinite where it cannot be. */
function savingsIn(z: Float32Array, { lower, upper }: Box, k: number): Float64Array {
  const savings = new Float64Array(z.length);
  let held = 0;
  for (let i = 0; i < z.length; i++) {
    const low = each(lower, i);
    const high = each(upper, i);
    const value = z[i] as number;
    if (low > 0 || high < 0) held++;
    if (low > 0 || high < 0 || Number.isNaN(value)) savings[i] = Number.POSITIVE_INFINITY;
    else savings[i] = value ** 2 - (value - clip(value, low, high)) ** 2;
  }
  if (held > k) {
    throw new UserError(
      'atMostK',
      `expected a box with zero for all but ${k} elements, got one without it for ${held}; raise k or widen the box`,
    );
  }
  return savings;
}
