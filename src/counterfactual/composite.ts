/** composite: what a search descends on: how far the goal is, and what else a point costs, each with its weight. */
import type { Objective } from '../oracle/objectives.js';
import type { Aim } from './aim.js';
import type { Term } from './terms/term.js';

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

/** What a point costs besides the goal. Terms that cannot tell have no say. */
export const costOf = (terms: readonly Weighted[], point: Float32Array, row: number): number =>
  terms.reduce((sum, { term, weight }) => sum + (weight === 0 ? 0 : weight * (term.value?.(point, row) ?? 0)), 0);

/** The margin alone: whose gradient says where the goal lies. */
export const towards = (aim: Aim): Objective => ({
  name: `towards ${aim.name}`,
  classes: () => 1,
  emit: (g, scene) => aim.emit(g, scene),
});
