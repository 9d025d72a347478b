/** Gradient rule of the determinant. */
import { unsupported } from '../errors.js';
import { describe } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import { float32, int64 } from '../tensor/tensor.js';
import { unary } from './rule.js';
import type { Tape } from './tape.js';

/** The cofactors: unlike det(x) times the inverse they exist for singular matrices as well. */
export const Det = unary((g, dy, x, _y, node) => {
  const size = g.size(x, -1);
  if (size === undefined)
    throw unsupported(describe(node), 'expected matrices of a fixed size, got a symbolic one; specialize it');
  const all = g.unsqueeze(dy, [-2, -1]);
  return size === 1 ? all : g.mul(all, cofactors(g, x, size));
});

/** [..., n, n]: the signed determinants of what is left without one row and one column. */
function cofactors(g: Tape, x: Value, size: number): Value {
  const places = Array.from({ length: size }, (_, i) => i);
  const others = g.constant(
    int64(
      [size, size - 1],
      places.flatMap((left) => places.filter((i) => i !== left)),
    ),
  );
  const rows = g.op('Gather', [x, others], { axis: -2 });
  const both = g.op('Gather', [rows, others], { axis: -1 });
  const batch = g.rank(x) - 2;
  const perm = [...Array.from({ length: batch }, (_, i) => i), batch, batch + 2, batch + 1, batch + 3];
  const signs = float32(
    [size, size],
    Float32Array.from({ length: size * size }, (_, i) => (-1) ** ((i % size) + Math.floor(i / size))),
  );
  return g.mul(g.op('Det', [g.transpose(both, perm)]), g.cast(g.constant(signs), g.dtype(x)));
}
