/** Branch and bound, against all choices there are. */
import { describe, expect, test } from 'vitest';
import { type Action, leastLargest, leastTotal } from '../../src/counterfactual/recourse/cheapest-actions.js';
import { random } from '../../src/tensor/random.js';

interface Problem {
  readonly features: readonly (readonly Action[])[];
  readonly needs: readonly number[];
}

function problem(seed: number, features: number, actions: number, needs: number): Problem {
  const rng = random(seed, `${features} ${actions} ${needs}`);
  let at = 0;
  const own = Array.from({ length: features }, () =>
    Array.from(
      { length: actions },
      (): Action => ({
        cost: 0.01 + rng.uniform(at++),
        gains: Array.from({ length: needs }, () => 1.4 * rng.uniform(at++) - 0.4),
      }),
    ),
  );
  return { features: own, needs: Array.from({ length: needs }, () => 0.2 + features * 0.35 * rng.uniform(at++)) };
}

function* choices(features: Problem['features']): Generator<(number | undefined)[]> {
  const [first, ...rest] = features;
  if (!first) yield [];
  else for (const a of [undefined, ...first.keys()]) for (const others of choices(rest)) yield [a, ...others];
}

const costsOf = ({ features }: Problem, actions: readonly (number | undefined)[]): number[] =>
  actions.flatMap((a, f) => (a === undefined ? [] : [features[f]![a]!.cost]));
const totalOf = (costs: readonly number[]): number => costs.reduce((sum, cost) => sum + cost, 0);
const largestOf = (costs: readonly number[]): number => Math.max(0, ...costs);

const isMet = ({ features, needs }: Problem, actions: readonly (number | undefined)[]): boolean =>
  needs.every(
    (need, k) =>
      actions.reduce((left: number, a, f) => left - (a === undefined ? 0 : features[f]![a]!.gains[k]!), need) < 0,
  );

/** No two neighbouring features at once. */
const accepts = (actions: readonly (number | undefined)[]): boolean =>
  actions.every((a, f) => a === undefined || actions[f + 1] === undefined);

describe.each([
  [3, 4, 1],
  [5, 3, 1],
  [4, 4, 2],
  [3, 5, 3],
])('%i features of %i actions for %i needs', (features, actions, needs) => {
  test.each(Array.from({ length: 12 }, (_, seed) => seed))('draw %i', (seed) => {
    const own = problem(seed, features, actions, needs);
    for (const also of [undefined, accepts]) {
      const all = [...choices(own.features)].filter((each) => isMet(own, each) && (also?.(each) ?? true));
      const costs = all.map((each) => costsOf(own, each));
      const bounding = { nodes: 1e6, ...(also && { accepts: also }) };
      const [total, largest] = [
        leastTotal(own.features, own.needs, bounding),
        leastLargest(own.features, own.needs, bounding),
      ];
      expect([total.isExact, largest.isExact]).toEqual([true, true]);
      expect([total.best === undefined, largest.best === undefined]).toEqual([all.length === 0, all.length === 0]);
      if (all.length === 0) continue;
      const chosen = costsOf(own, largest.best!.actions);
      expect(totalOf(costsOf(own, total.best!.actions))).toBeCloseTo(Math.min(...costs.map(totalOf)), 9);
      expect(largestOf(chosen)).toBe(Math.min(...costs.map(largestOf)));
      const tied = costs.filter((each) => largestOf(each) === largestOf(chosen));
      expect(totalOf(chosen)).toBeCloseTo(Math.min(...tied.map(totalOf)), 9);
      for (const { best } of [total, largest]) {
        expect(isMet(own, best!.actions)).toBe(true);
        expect(also?.(best!.actions) ?? true).toBe(true);
      }
    }
  });
});

test.each([
  ['leastTotal', leastTotal],
  ['leastLargest', leastLargest],
] as const)('%s that is cut says so, and looks at no more than it may', (_, search) => {
  const { features, needs } = problem(1, 12, 20, 3);
  const few = search(features, needs, { nodes: 5, accepts: () => false });
  expect([few.best, few.isExact]).toEqual([undefined, false]);
  expect(few.nodes).toBeLessThanOrEqual(5);
});

/** As recourse has them: gains grow with the way from the middle, costs with the share of examples that is passed. */
function gridded(seed: number, features: number, actions: number, needs: number): Problem {
  const rng = random(seed, 'gridded');
  const own = Array.from({ length: features }, (_, f) => {
    const slopes = Array.from({ length: needs }, (__, k) => 2 * rng.uniform(f * (needs + 1) + k) - 1);
    const bend = 0.5 + 2 * rng.uniform(f * (needs + 1) + needs);
    return Array.from({ length: actions }, (__, i): Action => {
      const at = (i + 1) / actions;
      return { cost: Math.abs(at ** bend - 0.5 ** bend) + 1e-6, gains: slopes.map((slope) => slope * (at - 0.5)) };
    });
  });
  const all = (k: number): number =>
    own.reduce((sum, each) => sum + Math.max(...each.map(({ gains }) => gains[k]!)), 0);
  return { features: own, needs: Array.from({ length: needs }, (_, k) => (0.3 * all(k)) / needs) };
}

test('where a level cannot be decided, a dearer set is found all the same', () => {
  const cut = Array.from({ length: 4 }, (_, seed) => gridded(seed, 13, 100, 2)).flatMap((own) => {
    const { best, isExact } = leastLargest(own.features, own.needs, { nodes: 4000 });
    return isExact ? [] : [best && isMet(own, best.actions)];
  });
  expect(cut.length).toBeGreaterThan(1);
  expect(cut.every(Boolean)).toBe(true);
});

test('many features of many actions are decided by few choices', () => {
  for (let seed = 0; seed < 5; seed++) {
    const { features, needs } = problem(seed, 30, 100, 1);
    for (const search of [leastTotal, leastLargest]) {
      const { best, isExact, nodes } = search(features, needs, { nodes: 20_000 });
      expect([best !== undefined, isExact]).toEqual([true, true]);
      expect(nodes).toBeLessThan(20_000);
    }
  }
});
