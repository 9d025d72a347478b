/** composite: what a search descends on: how far the goal is, and what else a point costs, each with its weight. */
import type { Objective } from '../../oracle/objectives.js';
import type { Aim } from '../ground/aim.js';
import type { Term } from '../terms/term.js';

export interface Weighted {
  readonly term: Term;
  readonly weight: number;
}

/** What the weight of the goal is fed by, one number a row. */
export const goalWeight = 'scalpel/lambda';

/** max(margin, -beyond) times the row's weight, plus the terms. @param beyond how far past the goal it still pulls. */
export function composite(aim: Aim, terms: readonly Weighted[], beyond = 0): Objective {
  const weighed = terms.filter(({ weight }) => weight !== 0);
  return {
    name: [`${aim.name} ${beyond}`, ...weighed.map(({ term, weight }) => `${weight} ${term.name}`)].join(' + '),
    classes: () => 1,
    emit(g, scene, row) {
      const hinge = g.op('Relu', [g.add(aim.emit(g, scene), g.scalar(beyond))]);
      return g.mul(hinge, g.squeeze(row(goalWeight, 1), [1]));
    },
    ...(weighed.length > 0 && {
      onPoint: (g, scene, row) =>
        weighed
          .map(({ term, weight }) => {
            const value = term.emit(g, scene, row);
            return weight === 1 ? value : g.mul(value, g.scalar(weight));
          })
          .reduce((sum, value) => g.add(sum, value)),
    }),
  };
}

/** What a point costs besides the goal. Terms that cannot tell have no say. @param most of what is surely more not all is computed. */
export function costOf(
  terms: readonly Weighted[],
  point: Float32Array,
  row: number,
  most = Number.POSITIVE_INFINITY,
): number {
  const told = terms.filter(({ term, weight }) => weight !== 0 && term.value);
  let sum = 0;
  for (const [i, { term, weight }] of told.entries()) {
    const least = told
      .slice(i)
      .reduce((all, each) => all + each.weight * (each.term.least ?? Number.NEGATIVE_INFINITY), sum);
    if (least > most) return least;
    sum += weight * term.value!(point, row);
  }
  return sum;
}

/** The margin alone: whose gradient says where the goal lies. */
export const towards = (aim: Aim): Objective => ({
  name: `towards ${aim.name}`,
  classes: () => 1,
  emit: (g, scene) => aim.emit(g, scene),
});
