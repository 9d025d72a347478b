/** Sums over groups as nodes. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import type { Groups } from './groups.js';

/**
 * Of x, [batch, size]: for each element the sum over its group, infinite for one in none. The sums are a product with a constant matrix,
 * [size, groups].
 */
export function emitSums(g: Builder, x: Value, { members, loose }: Groups): Value {
  const size = members.reduce((sum, { length }) => sum + length, loose.length);
  // the last column is that of the elements in none
  const columns = members.length + 1;
  const matrix = new Float32Array(size * columns);
  const column = new Array<number>(size).fill(members.length);
  for (const [group, elements] of members.entries()) {
    for (const i of elements) {
      matrix[i * columns + group] = 1;
      column[i] = group;
    }
  }
  const free = g.floats(
    Array.from({ length: columns }, (_, group) => (group < members.length ? 0 : Number.POSITIVE_INFINITY)),
  );
  const sums = g.add(g.matmul(x, g.floats(matrix, [size, columns])), free);
  return g.op('Gather', [sums, g.ints(column)], { axis: 1 });
}
