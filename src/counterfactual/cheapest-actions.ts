/** cheapestActions: one action a feature or none, so that linear needs are met at the least cost: exactly, by branch and bound. */

export interface Action {
  /** Above 0. */
  readonly cost: number;
  /** What it adds towards each need. */
  readonly gains: readonly number[];
}

export interface Choice {
  /** The action of each feature, undefined for none. */
  readonly actions: readonly (number | undefined)[];
  readonly cost: number;
}

export interface Found {
  /** Undefined where no choice will do, or none was found in time. */
  readonly best: Choice | undefined;
  /** Whether it is the cheapest, or surely none. */
  readonly isExact: boolean;
  /** Choices looked at. */
  readonly nodes: number;
}

export interface Bounding {
  /** Choices looked at, at most. */
  readonly nodes: number;
  /** What else a choice must be. */
  readonly accepts?: (actions: readonly (number | undefined)[]) => boolean;
}

/** The least sum of costs. @param needs met where the gains of a choice exceed each. */
export function leastTotal(
  features: readonly (readonly Action[])[],
  needs: readonly number[],
  { nodes, accepts }: Bounding,
): Found {
  const bounds = needs.map((_, k) => relaxed(features, k));
  // by all that features can do: those that matter are decided first
  const able = (f: number): number =>
    needs.reduce((sum, need, k) => sum + Math.max(0, ...features[f]!.map(({ gains }) => gains[k]!)) / (need || 1), 0);
  const order = [...features.keys()].sort((a, b) => able(b) - able(a));
  const rank = new Map(order.map((f, at) => [f, at]));
  const chosen: (number | undefined)[] = features.map(() => undefined);
  let best: Choice | undefined;
  let looked = 0;
  const visit = (depth: number, cost: number, missing: readonly number[]): void => {
    if (looked >= nodes) return;
    looked++;
    const rest = Math.max(0, ...missing.map((need, k) => leastCost(bounds[k]!, need, (f) => rank.get(f)! >= depth)));
    if (cost + rest >= (best?.cost ?? Number.POSITIVE_INFINITY) - 1e-9) return;
    if (missing.every((need) => need < 0) && (accepts?.(chosen) ?? true)) {
      best = { actions: [...chosen], cost };
      return;
    }
    if (depth === order.length) return;
    const f = order[depth]!;
    // the cheap ones first, none before all
    const options = [
      undefined,
      ...[...features[f]!.keys()].sort((a, b) => features[f]![a]!.cost - features[f]![b]!.cost),
    ];
    for (const a of options) {
      const action = a === undefined ? undefined : features[f]![a]!;
      chosen[f] = a;
      visit(
        depth + 1,
        cost + (action?.cost ?? 0),
        action ? missing.map((need, k) => need - action.gains[k]!) : missing,
      );
    }
    chosen[f] = undefined;
  };
  visit(0, 0, needs);
  return { best, isExact: looked < nodes, nodes: looked };
}

/** The least of the largest cost, and among these the least sum. */
export function leastLargest(
  features: readonly (readonly Action[])[],
  needs: readonly number[],
  { nodes, accepts }: Bounding,
): Found {
  const levels = [0, ...new Set(features.flatMap((actions) => actions.map(({ cost }) => cost)))].sort((a, b) => a - b);
  const upTo = (level: number): (readonly Action[])[] =>
    features.map((actions) => actions.filter(({ cost }) => cost <= level));
  const mayDo = (level: number): boolean =>
    needs.every(
      (need, k) => need < sumOf(upTo(level), (actions) => Math.max(0, ...actions.map(({ gains }) => gains[k]!))),
    );
  let [from, to] = [0, levels.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (mayDo(levels[middle]!)) to = middle;
    else from = middle + 1;
  }
  let looked = 0;
  // each need alone can be met from here on; all of them together perhaps later
  for (const level of levels.slice(from)) {
    const kept = features.map((actions) => [...actions.keys()].filter((a) => actions[a]!.cost <= level));
    const own = kept.map((all, f) => all.map((a) => features[f]![a]!));
    const back = (actions: readonly (number | undefined)[]) =>
      actions.map((a, f) => (a === undefined ? a : kept[f]![a]!));
    const found = leastTotal(own, needs, {
      nodes: nodes - looked,
      ...(accepts && { accepts: (actions) => accepts(back(actions)) }),
    });
    looked += found.nodes;
    const best = found.best && { actions: back(found.best.actions), cost: level };
    if (best || !found.isExact) return { best, isExact: found.isExact, nodes: looked };
  }
  return { best: undefined, isExact: true, nodes: looked };
}

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

/** A part of the way from one action of a feature to a stronger one. */
interface Segment {
  readonly feature: number;
  readonly cost: number;
  readonly gain: number;
}

/**
 * Actions as if they could be taken in part, for one need: the upper hulls of their gains by cost, best value first. What can be had of
 * these is never less than of the actions (Sinha, Zoltners, The multiple-choice knapsack problem, 1979).
 */
function relaxed(features: readonly (readonly Action[])[], need: number): Segment[] {
  return features
    .flatMap((actions, feature) => hullOf(actions, need).map((segment) => ({ feature, ...segment })))
    .sort((a, b) => b.gain / b.cost - a.gain / a.cost);
}

function hullOf(actions: readonly Action[], need: number): { cost: number; gain: number }[] {
  const hull = [{ cost: 0, gain: 0 }];
  const slope = (a: { cost: number; gain: number }, b: { cost: number; gain: number }): number =>
    (b.gain - a.gain) / (b.cost - a.cost);
  const rising = actions
    .map(({ cost, gains }) => ({ cost, gain: gains[need]! }))
    .sort((a, b) => a.cost - b.cost || b.gain - a.gain);
  for (const point of rising) {
    if (point.gain <= hull.at(-1)!.gain) continue;
    while (hull.length > 1 && slope(hull.at(-2)!, point) >= slope(hull.at(-2)!, hull.at(-1)!)) hull.pop();
    hull.push(point);
  }
  return hull.slice(1).map(({ cost, gain }, i) => ({ cost: cost - hull[i]!.cost, gain: gain - hull[i]!.gain }));
}

/** What the rest of a need costs at least; infinite where it cannot be met. */
function leastCost(segments: readonly Segment[], need: number, isFree: (feature: number) => boolean): number {
  let [cost, missing] = [0, need];
  if (missing < 0) return 0;
  for (const segment of segments) {
    if (!isFree(segment.feature)) continue;
    if (segment.gain > missing) return cost + (segment.cost * missing) / segment.gain;
    cost += segment.cost;
    missing -= segment.gain;
  }
  return Number.POSITIVE_INFINITY;
}
