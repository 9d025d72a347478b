/** clip: gradients scaled down together where their joint norm is too large. */
import type { Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';

/** @param largest norm over all gradients, above 0. NaN and infinity stay what they are. */
export function clipByNorm(g: Builder, gradients: readonly Value[], largest: number): Value[] {
  const squares = gradients.map((d) => {
    const flat = g.reshape(d, [-1]);
    return g.reduceSum(g.mul(flat, flat), [0]);
  });
  const norm = g.op('Sqrt', [squares.reduce((sum, square) => g.add(sum, square))]);
  const scale = g.op('Div', [g.scalar(largest), g.op('Max', [norm, g.scalar(largest)])]);
  return gradients.map((d) => g.mul(d, scale));
}
