/** categories: how far the columns of each category are from a sum of 1, squared. */
import type { Features } from '../ground/features.js';
import { flat, type Term } from './term.js';

/** Undefined where no feature is a category. */
export function categoryTerm({ schema, labels }: Features): Term | undefined {
  const categories = (schema?.features ?? []).flatMap(({ type }, f) => (type === 'categorical' ? [f] : []));
  if (categories.length === 0) return undefined;
  const members = Float32Array.from(
    [...labels].flatMap((label) => categories.map((category) => Number(label === category))),
  );
  return {
    name: 'categories',
    emit(g, scene) {
      const sums = g.op('MatMul', [flat(g, scene), g.floats(members, [labels.length, categories.length])]);
      const way = g.sub(sums, g.scalar(1));
      return g.reduceSum(g.mul(way, way), [1]);
    },
  };
}
