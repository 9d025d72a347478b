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

/** The least sum of costs. @param asked met where the gains of a choice exceed each. */
export function leastTotal(
  given: readonly (readonly Action[])[],
  asked: readonly number[],
  { nodes, accepts }: Bounding,
): Found {
  const { features, needs } = withSums(given, asked);
  // by all that features can do: those that matter are decided first
  const able = (f: number): number =>
    needs.reduce((sum, need, k) => sum + Math.max(0, ...features[f]!.map(({ gains }) => gains[k]!)) / (need || 1), 0);
  const order = [...features.keys()].sort((a, b) => able(b) - able(a));
  const bounds = needs.map((_, k) => order.map((__, depth) => relaxed(features, order.slice(depth), k)));
  const isBeaten = accepts || asked.length > 1 ? () => false : beatenBefore(order.length);
  const chosen: (number | undefined)[] = features.map(() => undefined);
  let best: Choice | undefined;
  let looked = 0;
  const least = (depth: number, cost: number, missing: readonly number[]): number =>
    cost + Math.max(0, ...missing.map((need, k) => leastCost(bounds[k]![depth], need)));
  const isHopeless = (bound: number): boolean => bound >= (best?.cost ?? Number.POSITIVE_INFINITY) - 1e-9;
  const visit = (depth: number, cost: number, missing: readonly number[]): void => {
    looked++;
    if (missing.every((need) => need < 0) && (accepts?.(chosen) ?? true)) {
      best = { actions: [...chosen], cost };
      return;
    }
    if (depth === order.length) return;
    const f = order[depth]!;
    const children = [undefined, ...features[f]!.keys()].map((a) => {
      const action = a === undefined ? undefined : features[f]![a]!;
      const own = cost + (action?.cost ?? 0);
      const left = action ? missing.map((need, k) => need - action.gains[k]!) : missing;
      return { a, cost: own, missing: left, bound: least(depth + 1, own, left) };
    });
    // the most promising ones first: what they find rules out others
    for (const child of children.sort((one, other) => one.bound - other.bound)) {
      if (isHopeless(child.bound) || looked >= nodes) break;
      if (isBeaten(depth, child.cost, child.missing[0]!)) continue;
      chosen[f] = child.a;
      visit(depth + 1, child.cost, child.missing);
    }
    chosen[f] = undefined;
  };
  if (!isHopeless(least(0, 0, needs))) visit(0, 0, needs);
  return { best, isExact: looked < nodes, nodes: looked };
}

/** Several needs, and sums of them, which follow: by these it shows that one can only be met at the expense of another. */
function withSums(features: readonly (readonly Action[])[], needs: readonly number[]) {
  if (needs.length === 1) return { features, needs };
  const units = needs.map((need) => 1 / (Math.abs(need) || 1));
  const sums = [undefined, ...needs.keys()].map((twice) => units.map((unit, k) => (k === twice ? 2 * unit : unit)));
  const whole = (values: readonly number[]): number[] => [
    ...values,
    ...sums.map((weights) => sumOf([...weights.keys()], (k) => weights[k]! * values[k]!)),
  ];
  const wide = features.map((own) => own.map(({ cost, gains }): Action => ({ cost, gains: whole(gains) })));
  return { features: wide, needs: whole(needs) };
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
  let [looked, isExact] = [0, true];
  const last = levels.length - 1;
  // each need alone can be met from here on; all of them together perhaps later
  for (let [at, stride] = [from, 1]; at <= last && looked < nodes; ) {
    const level = levels[at]!;
    const kept = features.map((actions) => [...actions.keys()].filter((a) => actions[a]!.cost <= level));
    const own = kept.map((all, f) => all.map((a) => features[f]![a]!));
    const back = (actions: readonly (number | undefined)[]) =>
      actions.map((a, f) => (a === undefined ? a : kept[f]![a]!));
    const found = leastTotal(own, needs, {
      nodes: Math.min(nodes - looked, Math.ceil(nodes / mostCut)),
      ...(accepts && { accepts: (actions) => accepts(back(actions)) }),
    });
    looked += found.nodes;
    isExact &&= found.isExact;
    if (found.best) return { best: { actions: back(found.best.actions), cost: level }, isExact, nodes: looked };
    if (at === last) break;
    // where it cannot be told whether there is one, a dearer one is better than none
    at = found.isExact ? at + 1 : Math.min(at + stride, last);
    if (!found.isExact) stride *= 4;
  }
  return { best: undefined, isExact: isExact && looked < nodes, nodes: looked };
}

/** Levels that may be left undecided: each has its share of the choices. */
const mostCut = 8;

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

/** What can be had of some features for one need, part by part, the best value first: sums up to each part. */
interface Relaxed {
  readonly costs: Float64Array;
  readonly gains: Float64Array;
}

/**
 * Actions as if they could be taken in part: the upper hulls of their gains by cost. What these give for a cost is never less than what
 * the actions do (Sinha, Zoltners, The multiple-choice knapsack problem, 1979).
 */
function relaxed(features: readonly (readonly Action[])[], of: readonly number[], need: number): Relaxed {
  const parts = of.flatMap((f) => hullOf(features[f]!, need)).sort((a, b) => b.gain / b.cost - a.gain / a.cost);
  const [costs, gains] = [new Float64Array(parts.length + 1), new Float64Array(parts.length + 1)];
  parts.forEach(({ cost, gain }, i) => {
    costs[i + 1] = costs[i]! + cost;
    gains[i + 1] = gains[i]! + gain;
  });
  return { costs, gains };
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
function leastCost(parts: Relaxed | undefined, need: number): number {
  if (need < 0) return 0;
  if (!parts || !(parts.gains.at(-1)! > need)) return Number.POSITIVE_INFINITY;
  const { costs, gains } = parts;
  let [from, to] = [0, gains.length - 1];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if (gains[middle]! > need) to = middle;
    else from = middle;
  }
  return costs[from]! + ((costs[to]! - costs[from]!) * (need - gains[from]!)) / (gains[to]! - gains[from]!);
}

/** Whether as many features were decided before at no more cost with no more left to do; if not, it is kept in mind. */
function beatenBefore(depths: number): (depth: number, cost: number, missing: number) => boolean {
  // of each depth, costs rising and what is left falling
  const known = Array.from({ length: depths }, (): { cost: number; missing: number }[] => []);
  return (depth, cost, missing) => {
    const own = known[depth]!;
    let [from, to] = [0, own.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (own[middle]!.cost <= cost) from = middle + 1;
      else to = middle;
    }
    if (from > 0 && own[from - 1]!.missing <= missing) return true;
    let end = from;
    while (end < own.length && own[end]!.missing >= missing) end++;
    own.splice(from, end - from, { cost, missing });
    return false;
  };
}
