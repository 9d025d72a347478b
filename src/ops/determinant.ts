/** Gradient rule of the determinant. */
import type { Value } from '../ir/types.js';
import { counting, countOf } from './attend.js';
import { unary } from './rule.js';
import type { Tape } from './tape.js';

/** The cofactors: unlike det(x) times the inverse they exist for singular matrices as well. */
export const Det = unary((g, dy, x) => {
  const all = g.unsqueeze(dy, [-2, -1]);
  return g.size(x, -1) === 1 ? all : g.mul(all, cofactors(g, x));
});

/** [..., n, n]: the signed determinants of what is left without one row and one column. */
function cofactors(g: Tape, x: Value): Value {
  const rank = g.rank(x);
  const size = countOf(g, x, rank - 1);
  const places = counting(g, g.ints([0]), size);
  const left = g.unsqueeze(places, [1]);
  const kept = counting(g, g.ints([0]), g.sub(size, g.ints([1])));
  // all places but the one of the row
  const others = g.add(kept, g.cast(g.op('GreaterOrEqual', [kept, left]), 'int64'));
  const rows = g.op('Gather', [x, others], { axis: -2 });
  const both = g.op('Gather', [rows, others], { axis: -1 });
  const batch = rank - 2;
  const perm = [...Array.from({ length: batch }, (_, i) => i), batch, batch + 2, batch + 1, batch + 3];
  const parity = g.cast(g.op('Mod', [g.add(left, places), g.ints([2])]), g.dtype(x));
  const signs = g.sub(g.num(x, 1), g.mul(parity, g.num(x, 2)));
  return g.mul(g.op('Det', [g.transpose(both, perm)]), signs);
}
