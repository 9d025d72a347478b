/** Comparison: several attacks on the same examples. */
import type { Change } from './change.js';
import type { Outcome } from './outcome.js';
import type { RobustnessCurve } from './robustness-curve.js';
import { meanOf } from './spread.js';
import { byFigure, curvesOf, type Pass } from './summary.js';

export interface AttackComparison {
  /** Pairs of example and goal. */
  readonly attacked: number;
  /** Reached by any of the attacks. */
  readonly succeeded: number;
  readonly successRate: number;
  /** An example falls to the attack that needs least. */
  readonly curves: readonly RobustnessCurve[];
  /** Means over the pairs that all attacks reached: figures over each attack's own successes favour those that fail where it is hard. */
  readonly shared: { readonly counted: number; readonly attacks: readonly SharedFigures[] };
}

export interface SharedFigures {
  readonly name: string;
  /** Absent where no pair is shared. */
  readonly change?: Change;
}

/** @param attacks two or more, over the same examples and goals. */
export function compareAttacks(
  attacks: readonly { readonly name: string; readonly passes: readonly Pass[] }[],
): AttackComparison {
  const byPair = attacks.map(({ passes }) => pairsOf(passes));
  const keys = [...new Set(byPair.flatMap((pairs) => [...pairs.keys()]))];
  const isWon = (pairs: ReadonlyMap<string, Outcome>, key: string): boolean => pairs.get(key)?.success ?? false;
  const succeeded = keys.filter((key) => byPair.some((pairs) => isWon(pairs, key))).length;
  const shared = keys.filter((key) => byPair.every((pairs) => isWon(pairs, key)));
  return {
    attacked: keys.length,
    succeeded,
    successRate: succeeded / keys.length,
    curves: curvesOf(byPair.flatMap((pairs) => [...pairs.values()])),
    shared: {
      counted: shared.length,
      attacks: attacks.map(({ name }, i) => ({
        name,
        ...(shared.length > 0 && {
          change: byFigure((figure) => meanOf(shared.map((key) => byPair[i]!.get(key)!.change[figure]))),
        }),
      })),
    },
  };
}

const pairsOf = (passes: readonly Pass[]): Map<string, Outcome> =>
  new Map(
    passes.flatMap(({ goal, outcomes }) => outcomes.map((outcome) => [`${outcome.id} ${goal}`, outcome] as const)),
  );
