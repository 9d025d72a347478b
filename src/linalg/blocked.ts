/**
 * Left-looking blocked factorisation and substitution: each block row is made of a few large products and one small
 * block on the diagonal.
 */

import { factorBlock, invertBlock, transposeBlock } from './diagonal.js';
import type { Engine } from './engine.js';
import { type FloatArray, NotPositiveDefinite } from './linalg.js';
import { type Panel, rowsOf } from './panel.js';

/**
 * Turns `upper`, the upper triangle of a symmetric A in panels, into U with A = Uᵀ U, and `right`, panels of any B,
 * into U⁻ᵀ B, both in place. With B = I this gives the inverse factor for no more products than its own.
 * @throws NotPositiveDefinite
 */
export async function eliminate<T extends FloatArray>(
  run: Engine,
  upper: readonly Panel<T>[],
  right: readonly Panel<T>[] = [],
): Promise<void> {
  for (const [index, panel] of upper.entries()) {
    const { firstColumn: from, columns: size, end: to } = panel;
    const above = rowsOf(panel, 0, from);
    const diagonal = rowsOf(panel, from, to);

    const rest = { m: size, n: size, k: from, transA: true, sign: -1 } as const;
    const pivot = from === 0 ? diagonal : await run({ ...rest, a: above, b: above, c: diagonal });
    const factor = factorAt(pivot, size, from);
    diagonal.set(factor);

    const left = transposeBlock(invertBlock(factor, size), size, diagonal);
    for (const target of [...upper.slice(index + 1), ...right]) {
      await forwardStep(run, target, from, to, left, above);
    }
  }
}

/** Replaces rows `from` to `to` of X by `left` (X − aboveᵀ X[0, from)): one block row of forward substitution. */
export async function forwardStep<T extends FloatArray>(
  run: Engine,
  x: Panel<T>,
  from: number,
  to: number,
  left: T,
  /** Rows [0, from) of U's columns [from, to). */
  above: T,
): Promise<void> {
  if (x.start >= to) return;
  const size = to - from;
  const target = rowsOf(x, from, to);
  const known = rowsOf(x, x.start, from);
  const a = above.subarray(x.start * size) as T;
  const shape = { m: size, k: from - x.start, n: x.columns, transA: true };
  target.set(await run({ ...shape, a, b: known, c: target, sign: -1, left }));
}

/** Replaces rows `from` to `to` of X by `left` (X − beside X[to, …)): one block row of back substitution. */
export async function backwardStep<T extends FloatArray>(
  run: Engine,
  x: Panel<T>,
  from: number,
  to: number,
  left: T,
  /** Columns [to, x.end) of U's rows [from, to). */
  beside: T,
): Promise<void> {
  const target = rowsOf(x, from, to);
  const known = rowsOf(x, to, x.end);
  const shape = { m: to - from, k: x.end - to, n: x.columns };
  target.set(await run({ ...shape, a: beside, b: known, c: target, sign: -1, left }));
}

/** Wide blocks feed the runtime better, narrow ones leave less to plain loops. */
export const blockSize = (n: number): number => (n > 512 ? 128 : 64);

function factorAt(block: FloatArray, size: number, firstRow: number): Float64Array {
  try {
    return factorBlock(block, size);
  } catch (error) {
    if (error instanceof NotPositiveDefinite) throw new NotPositiveDefinite(firstRow + error.pivot, error.found);
    throw error;
  }
}
