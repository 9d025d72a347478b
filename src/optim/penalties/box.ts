/** box: the constraint that each element lies between two limits. */
import { UserError } from '../../errors.js';
import { emitClip, emitNumbers } from './emit-clip.js';
import { type Box, clip, each, everywhere, type Penalty } from './penalty.js';

/** @throws UserError in `prox` if the box given there doesn't meet this one. */
export function box(limits: Box, name = 'box'): Required<Penalty> {
  return {
    name,
    // the limits as float32, which is what elements were clipped to
    value: (x) =>
      x.every((p, i) => p >= Math.fround(each(limits.lower, i)) && p <= Math.fround(each(limits.upper, i)))
        ? 0
        : Number.POSITIVE_INFINITY,
    prox(z, _step, { lower, upper } = everywhere, out = new Float32Array(z.length)) {
      for (let i = 0; i < z.length; i++) {
        const low = Math.max(each(lower, i), each(limits.lower, i));
        const high = Math.min(each(upper, i), each(limits.upper, i));
        if (low > high) {
          throw new UserError(
            name,
            `expected boxes that meet, got none for element ${i}: ${low} to ${high}; widen one`,
          );
        }
        out[i] = clip(z[i] as number, low, high);
      }
      return out;
    },
    emitProx(g, z, _step, given) {
      const [lower, upper] = [emitNumbers(g, limits.lower), emitNumbers(g, limits.upper)];
      if (!given) return emitClip(g, z, { lower, upper });
      return emitClip(g, z, {
        lower: g.op('Max', [lower, given.lower]),
        upper: g.op('Min', [upper, given.upper]),
      });
    },
  };
}
