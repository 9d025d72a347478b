/** convexDensity: the nearest point that reaches the goal where examples of the class are dense, by convex programs. */
import { concatenated } from '../../oracle/packed.js';
import type { Case } from '../case.js';
import { beyond, type Cut, cutAt, withCut } from '../dense/cuts.js';
import { denseRegions } from '../dense/dense-regions.js';
import type { Ellipsoid } from '../dense/ellipsoid.js';
import { type HalfSpace, type Metric, nearestWithin } from '../dense/nearest-within.js';
import { explainer } from '../explainer.js';
import { towards } from '../search/composite.js';

/**
 * Artelt, Hammer, Convex density constraints for computing plausible counterfactual explanations (arXiv 2002.04862): for each component
 * of the class's mixture of Gaussians, the nearest point of the ellipsoid where it is as dense as the median example of the class, on the
 * goal's side of the model and in the box; the nearest over all components is kept. Exact for models whose scores are linear.
 *
 * Ours: other models are made linear at the points that come out, one after the other, and where none of these reaches the goal, points
 * between the last and the middle of the ellipsoid are tried; distances are in [0, 1] of each range, and the goal is to be passed by
 * `slack` of them. A schema with steps or categories is snapped to afterwards, which may leave the ellipsoid.
 */
export const convexDensity = explainer({
  name: 'convex-density',
  paper:
    'Artelt, Hammer, Convex density constraints for computing plausible counterfactual explanations (arXiv 2002.04862)',
  asks: 'gradients',
  needs: () => ['reference'],
  options: {
    norm: { default: 'manhattan', about: 'of the distance', choices: ['manhattan', 'euclid'] },
    quantile: { default: 0.5, about: 'of the densities of the class that is to be exceeded', from: 0, to: 1 },
    rounds: { default: 10, about: 'points where the model is made linear', from: 1, whole: true },
    slack: { default: 0.001, about: 'distance by which the goal is to be passed', from: 0, to: 0.5 },
  },
  async run(asked, { norm, quantile, rounds, slack }) {
    const { labels, costs, weights } = asked.features;
    const metric: Metric = { norm, weights: norm === 'euclid' ? weights : Float32Array.from(labels, (f) => costs[f]!) };
    asked.weigh([], (change) => lengthOf(change, metric));
    const regions = await denseRegions(asked.reference!, asked.label, quantile);
    const searches = asked.all.flatMap((row) => regions.flatMap((ellipsoid) => begun(asked, row, ellipsoid, metric)));
    const middles = await proposed(asked, searches, ({ middle }) => middle);
    searches.forEach((search, s) => {
      search.isReachable = middles[s]! < 0;
    });
    let open = searches;
    for (let round = 0; round < rounds && open.length > 0; round++) {
      open = await linearised(asked, open, metric, slack);
      asked.progress = (round + 1) / rounds;
    }
    await between(
      asked,
      searches.filter(({ isReachable, isReached, point }) => isReachable && !isReached && point),
    );
    asked.progress = 1;
  },
});

/** One instance in one ellipsoid. */
interface Search {
  readonly row: number;
  readonly region: Omit<Parameters<typeof nearestWithin>[1], 'halfSpaces'>;
  /** The point of the ellipsoid and the box that is nearest to the centre, and whether it reaches the goal. */
  readonly middle: Float32Array;
  isReachable: boolean;
  /** Where the model is asked next. */
  at: Float32Array;
  cuts: readonly Cut[];
  hasRestarted: boolean;
  /** What the last program gave. */
  point: Float32Array | undefined;
  isReached: boolean;
}

/** None where the box has no point in the ellipsoid. */
function begun(asked: Case, row: number, ellipsoid: Ellipsoid, { weights }: Metric): Search[] {
  const [from, to] = [row * asked.size, (row + 1) * asked.size];
  const region = { lower: asked.lower.subarray(from, to), upper: asked.upper.subarray(from, to), ellipsoid };
  const middle = nearestWithin(ellipsoid.centre, { ...region, halfSpaces: [] }, { norm: 'euclid', weights });
  if (!middle) return [];
  const own = { middle: Float32Array.from(middle), at: asked.x.subarray(from, to), cuts: [], point: undefined };
  return [{ row, region, ...own, isReachable: false, hasRestarted: false, isReached: false }];
}

/** @returns those that go on: whose model was linear in another way where they came to. */
async function linearised(asked: Case, open: readonly Search[], metric: Metric, slack: number): Promise<Search[]> {
  const { size, aim } = asked;
  const { margins, gradients } = await asked.slopes(
    towards(aim),
    concatenated(open.map(({ at }) => at)),
    open.map(({ row }) => row),
    'guide',
  );
  const solved = open.filter((search, s) => {
    const margin = margins[s]!;
    const cut = cutAt(search.at, margin, gradients.subarray(s * size, (s + 1) * size));
    const cuts = withCut(search.cuts, cut, search.at, margin);
    if (!cuts) return false;
    search.cuts = cuts;
    return solve(
      asked,
      search,
      metric,
      cuts.map((each) => beyond(each, slack)),
    );
  });
  const fresh = solved.filter(({ at, point }) => at === point);
  const reached = await proposed(asked, fresh, ({ at }) => at);
  fresh.forEach((search, s) => {
    if (reached[s]! < 0) search.isReached = true;
  });
  return solved;
}

/** Sets the next point; where there is none, once the middle, from which the model may look another way. @returns whether there is one. */
function solve(asked: Case, search: Search, metric: Metric, halfSpaces: readonly HalfSpace[]): boolean {
  const { row, region, middle, hasRestarted } = search;
  const origin = asked.x.subarray(row * asked.size, (row + 1) * asked.size);
  const found = nearestWithin(origin, { ...region, halfSpaces }, metric);
  if (found) search.at = search.point = Float32Array.from(found);
  else if (!hasRestarted) Object.assign(search, { at: middle, cuts: [], hasRestarted: true });
  return found !== undefined || !hasRestarted;
}

/** Halvings of the way to the middle. */
const halvings = 10;

/** The point nearest to the last one that reaches the goal, on the way to the middle of the ellipsoid: which is convex. */
async function between(asked: Case, searches: readonly Search[]): Promise<void> {
  const share = new Map(searches.map((search) => [search, { low: 0, high: 1 }]));
  for (let k = 0; k < halvings && searches.length > 0; k++) {
    const half = (search: Search): number => (share.get(search)!.low + share.get(search)!.high) / 2;
    const margins = await proposed(asked, searches, (search) =>
      search.point!.map((value, i) => value + half(search) * (search.middle[i]! - value)),
    );
    searches.forEach((search, s) => {
      share.get(search)![margins[s]! < 0 ? 'high' : 'low'] = half(search);
    });
  }
}

async function proposed(
  asked: Case,
  searches: readonly Search[],
  pointOf: (search: Search) => Float32Array,
): Promise<Float32Array> {
  if (searches.length === 0) return new Float32Array();
  const { margins } = await asked.propose(
    concatenated(searches.map(pointOf)),
    searches.map(({ row }) => row),
  );
  return margins;
}

const lengthOf = (change: Float32Array, { norm, weights }: Metric): number =>
  change.reduce((sum, value, i) => sum + weights[i]! * (norm === 'euclid' ? value * value : Math.abs(value)), 0);
