/** dice: several counterfactuals of each instance at once, near to it and different from one another. */
import { mad } from '../../density/index.js';
import { adam } from '../../optim/adam.js';
import { pick, rowAt } from '../../oracle/packed.js';
import type { Case } from '../case.js';
import { explainer } from '../explainer.js';
import { composite, type Weighted } from '../search/composite.js';
import { diversityOf } from '../search/diversity.js';
import { moveBack } from '../search/post-hoc.js';
import { smallChangesOf } from '../search/small-changes.js';
import { categoryTerm } from '../terms/categories.js';
import { proximity } from '../terms/proximity.js';

/** Points of one instance start apart by this, as in the published code. */
const apart = 0.01;

/**
 * Mothilal, Sharma, Tan, Explaining machine learning classifiers through diverse counterfactual explanations (arXiv 1905.07697), the
 * gradient form. Of `count` points an instance, Adam descends on the mean of the hinges, which pull 1 logit past the goal, `proximity`
 * times the mean distance in median absolute deviations of the reference, `categories` times how far one-hot columns are from a sum of 1,
 * less `diversity` times the determinant of the likenesses of the points; until the loss of the instance rests. Then small changes are
 * moved back as far as the goal holds.
 *
 * Ours: the nearest of all steps that reach the goal is kept, where the published code looks back only if the last ones do not; small
 * changes are moved back from the smallest on, and not from the feature with the widest spread; costs of features weigh the distance;
 * for ranges the hinge ends at the goal.
 */
export const dice = explainer({
  name: 'dice',
  paper:
    'Mothilal, Sharma, Tan, Explaining machine learning classifiers through diverse counterfactual explanations (arXiv 1905.07697)',
  asks: 'gradients',
  needs: () => ['reference'],
  options: {
    count: { default: 1, about: 'points of an instance, diverse among themselves', from: 1, whole: true },
    proximity: { default: 0.5, about: 'weight of the distance', from: 0 },
    diversity: { default: 1, about: 'weight of the diversity', from: 0 },
    categories: { default: 0.1, about: 'weight of what categories are off a sum of 1', from: 0 },
    rate: { default: 0.05, about: 'of Adam', from: 1e-6 },
    least: { default: 500, about: 'steps before the loss may rest', from: 1, whole: true },
    steps: { default: 5000, about: 'at most', from: 1, whole: true },
    rest: { default: 1e-5, about: 'change of the loss at which it rests', from: 0 },
    sparsity: {
      default: 0.1,
      about: 'quantile of deviations up to which a change is small, and moved back; 0: none is',
      from: 0,
      to: 1,
    },
  },
  defaults: ({ several }) => ({ count: several }),
  async run(asked, options) {
    const points = await descend(asked, options);
    const rows = asked.all.flatMap((row) => Array<number>(options.count).fill(row));
    const { margins, points: ends } = await asked.propose(points, rows);
    if (options.sparsity > 0) {
      const reached = [...rows.keys()].filter((at) => margins[at]! < 0);
      const solved = asked.solved();
      const whole = new Float32Array((reached.length + solved.length) * asked.size);
      whole.set(pick(ends, asked.size, reached));
      whole.set(asked.bests(solved), reached.length * asked.size);
      await moveBack(
        asked,
        whole,
        [...reached.map((at) => rows[at]!), ...solved],
        smallChangesOf(asked.reference!, asked.features, options.sparsity),
      );
    }
    asked.progress = 1;
  },
});

interface Descent {
  readonly count: number;
  readonly proximity: number;
  readonly diversity: number;
  readonly categories: number;
  readonly rate: number;
  readonly least: number;
  readonly steps: number;
  readonly rest: number;
}

/** @returns `count` points of each instance, packed, those of one side by side. */
async function descend(asked: Case, options: Descent): Promise<Float32Array> {
  const { size, all, lower, upper } = asked;
  const { count, rate, least, steps, rest, diversity } = options;
  const weights = weightsOf(asked);
  const objective = composite(asked.aim, termsOf(asked, weights, options), asked.isRange ? 0 : 1);
  const points = spreadOut(asked, count);
  const move = adam(all.length * count, size, { rate });
  const before = new Float64Array(all.length).fill(Number.POSITIVE_INFINITY);
  const placesOf = (row: number): number[] => Array.from({ length: count }, (_, n) => row * count + n);
  let open = all;
  for (let k = 0; k < steps && open.length > 0; k++) {
    const places = open.flatMap(placesOf);
    const rows = open.flatMap((row) => Array<number>(count).fill(row));
    const now = pick(points, size, places);
    const { values, gradients } = await asked.slopes(objective, now, rows);
    if (!asked.features.isPlain) await asked.propose(now, rows);
    const slopes = gradients.map((slope) => slope / count);
    const losses = open.map((row, j) => {
      const own = points.subarray(row * count * size, (row + 1) * count * size);
      const { value, gradient } = diversityOf(own, weights);
      for (let i = 0; i < own.length; i++)
        if (!asked.isFixed(row * size + (i % size))) slopes[j * own.length + i]! -= diversity * gradient[i]!;
      return values.subarray(j * count, (j + 1) * count).reduce((sum, each) => sum + each / count, -diversity * value);
    });
    move(points, slopes, places);
    for (const at of places) clamp(rowAt(points, size, at), lower, upper, Math.floor(at / count) * size);
    open = open.filter((row, j) => {
      const isResting = k + 1 >= least && Math.abs(losses[j]! - before[row]!) <= rest;
      before[row] = losses[j]!;
      return !isResting;
    });
    asked.progress = (k + 1) / steps;
  }
  return points;
}

/** One over the median absolute deviation of each element, of a category 1, times the cost of its feature. */
function weightsOf({ features: { labels, costs, schema }, reference, size }: Case): Float32Array {
  const { deviations } = mad(reference!.points, size);
  return Float32Array.from(labels, (f, i) => {
    const unit = schema?.features[f]?.type === 'categorical' ? 1 : deviations[i]!;
    return costs[f]! / unit;
  });
}

/** Of one point: the loss of an instance is the mean of its points', the penalty of categories their sum. */
function termsOf(
  asked: Case,
  weights: Float32Array,
  options: Pick<Descent, 'count' | 'proximity' | 'categories'>,
): Weighted[] {
  const near = { term: proximity(asked.x, weights), weight: options.proximity / asked.size };
  asked.weigh([near], () => 0);
  const term = categoryTerm(asked.features);
  return term ? [near, { term, weight: options.categories * options.count }] : [near];
}

function spreadOut(asked: Case, count: number): Float32Array {
  const { size, x, lower, upper } = asked;
  const points = new Float32Array(asked.count * count * size);
  for (let at = 0; at < asked.count * count; at++) {
    const [from, own] = [Math.floor(at / count) * size, rowAt(points, size, at)];
    const step = apart * (at % count);
    for (let i = 0; i < size; i++) own[i] = x[from + i]! + step;
    clamp(own, lower, upper, from);
  }
  return points;
}

function clamp(point: Float32Array, lower: Float32Array, upper: Float32Array, from: number): void {
  for (let i = 0; i < point.length; i++) point[i] = Math.min(Math.max(point[i]!, lower[from + i]!), upper[from + i]!);
}
