/** l1: the sum of magnitudes. */
import { emitClip } from './emit-clip.js';
import { separable } from './separable.js';

/** Soft thresholding. */
export const l1 = separable('l1', {
  value: Math.abs,
  free: (z, t) => (Math.abs(z) <= t ? 0 : z - Math.sign(z) * t),
  emitted: { free: (g, z, t) => g.sub(z, emitClip(g, z, { lower: g.op('Neg', [t]), upper: t })) },
});
