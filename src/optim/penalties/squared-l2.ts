/** squaredL2: the sum of squares, not halved. */
import { separable } from './separable.js';

export const squaredL2 = separable('l2 squared', {
  value: (p) => p * p,
  free: (z, t) => z / (1 + 2 * t),
  emitted: { free: (g, z, t) => g.op('Div', [z, g.add(g.scalar(1), g.mul(t, g.scalar(2)))]) },
});
