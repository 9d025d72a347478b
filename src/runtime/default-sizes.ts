/** Sizes for symbolic dimensions that nobody gave: the first guess that the runtime accepts is as good as any other. */
import type { Dimension, Value } from '../ir/types.js';

export type SizeOf = (size: Dimension, axis: number) => number;

/** Guesses, most modest first: several, since a window may need a longer input than a position table allows. */
export const defaultSizes: readonly SizeOf[] = [guess(8), guess(64), guess(1), guess(224)];

/** A batch of 2, empty caches, sums of symbols and numbers worked out, and `length` for the rest. */
function guess(length: number): SizeOf {
  const sizeOf: SizeOf = (size, axis) => {
    if (typeof size === 'number') return size;
    if (size?.includes('+')) {
      const terms = size.split('+').map((term) => term.trim());
      return terms.reduce((sum, term) => sum + (/^\d+$/.test(term) ? Number(term) : sizeOf(term, 1)), 0);
    }
    if (size !== null && /past/i.test(size) && !/total/i.test(size)) return 0;
    return axis === 0 || (size !== null && /batch/i.test(size)) ? 2 : length;
  };
  return sizeOf;
}

/** One size per symbol, decided where it first appears among the inputs: the same symbol stands on several axes. */
export function sizesOf(inputs: readonly Value[], sizeOf: SizeOf): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { type } of inputs) {
    type?.shape?.forEach((size, axis) => {
      if (typeof size === 'string' && !sizes.has(size)) sizes.set(size, sizeOf(size, axis));
    });
  }
  return sizes;
}
