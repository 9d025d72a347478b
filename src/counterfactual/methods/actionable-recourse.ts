/** actionableRecourse: the cheapest set of actions on a grid that flips a linear model, exactly. */

import { outOfRange } from '../../oracle/bounds.js';
import { rowAt } from '../../oracle/packed.js';
import { violations } from '../../schema/index.js';
import type { Case } from '../case.js';
import { explainer } from '../explainer.js';
import { type Action, leastLargest, leastTotal } from '../recourse/cheapest-actions.js';
import { type LinearScores, linearScores } from '../recourse/linear-scores.js';
import { percentilesOf, shifts } from '../recourse/percentiles.js';
import { type Move, rowActions } from '../recourse/row-actions.js';

/**
 * Ustun, Spangher, Liu, Actionable recourse in linear classification (arXiv 1809.06514): of all actions on the grid of what each feature
 * may become, those that reach the goal at the least cost: the largest shift in percentiles of the reference (`max`: of equal ones the
 * least sum), or the sum of the shifts of the logarithm of the percentiles (`total`). Found by branch and bound, with the fractional
 * multiple-choice knapsack for a bound, where the paper gives an integer program to a solver.
 *
 * Ours: several classes, each of which is a need of its own, and ranges; percentiles keep away from 0 and 1 by half an example, where the
 * logarithm has no end; a change that crosses no example costs a millionth of its length; categories count by the columns that change,
 * and a feature's cost multiplies its shift. The instance's `remark` says where the search was cut short.
 */
export const actionableRecourse = explainer({
  name: 'actionable-recourse',
  paper: 'Ustun, Spangher, Liu, Actionable recourse in linear classification (arXiv 1809.06514)',
  asks: 'gradients',
  needs: () => ['reference'],
  options: {
    cost: {
      default: 'max',
      about: 'what is least: the largest shift of percentiles, or all',
      choices: ['max', 'total'],
    },
    grid: { default: 101, about: 'values of a number that are tried', from: 2, whole: true },
    nodes: { default: 20_000, about: 'choices that the search for an instance looks at', from: 1, whole: true },
  },
  async run(asked, { cost, grid, nodes }) {
    const linear = await linearScores(asked, 'actionable-recourse');
    const percentile = percentilesOf(asked.reference!.points, asked.size);
    const search = cost === 'max' ? leastLargest : leastTotal;
    const points = asked.x.slice();
    for (const row of asked.all) {
      const moves = rowActions(asked, row, grid);
      const { needs, gainsOf } = needsOf(asked, row, linear);
      const priced = moves.map((own, f) =>
        own.map(
          (move): Action => ({ cost: priceOf(asked, row, f, move, cost, percentile), gains: gainsOf(move.point) }),
        ),
      );
      const point = rowAt(points, asked.size, row);
      const accepts = (actions: readonly (number | undefined)[]): boolean => {
        apply(asked, row, moves, actions, point);
        return isReached(asked, row, linear, point);
      };
      const { best, isExact } = search(priced, needs, { nodes, ...(!areNeedsAll(asked) && { accepts }) });
      apply(asked, row, moves, best?.actions ?? [], point);
      if (!isExact)
        asked.remarks.set(
          row,
          `the search was cut after ${nodes} choices: ${best ? 'a cheaper set' : 'one'} may exist`,
        );
      asked.progress = (row + 1) / asked.count;
    }
    await asked.propose(points, asked.all);
  },
});

/** Whether a set that meets the needs is one that reaches the goal and is allowed. */
const areNeedsAll = ({ isRange, classes, features: { schema } }: Case): boolean =>
  !isRange && classes === 2 && (schema?.constraints.length ?? 0) === 0;

/** What is asked of a sum of gains: one number for each other class, or for the side of the range that is to be passed. */
function needsOf(asked: Case, row: number, { weights, offsets }: LinearScores) {
  const { aim, label, isRange, classes } = asked;
  const start = rowAt(asked.x, asked.size, row);
  const shift = offsets(row);
  const scores = weights.map((own, c) => shift[c]! + dot(own, start));
  const slack = slackOf(scores);
  const directions: Float64Array[] = [];
  const needs: number[] = [];
  if (isRange) {
    const now = Float32Array.from(scores);
    const isBelow =
      aim.margin(
        now.map((score) => score + slack),
        label,
      ) < aim.margin(now, label);
    directions.push(weights[0]!.map((w) => (isBelow ? w : -w)));
    needs.push(aim.margin(now, label) + slack);
  } else {
    for (let c = 0; c < classes; c++) {
      if (c === label) continue;
      directions.push(weights[label]!.map((w, i) => w - weights[c]![i]!));
      const alone = Float32Array.from(scores, (score, k) =>
        k === c || k === label ? score : Number.NEGATIVE_INFINITY,
      );
      needs.push(aim.margin(alone, label) + slack);
    }
  }
  const gainsOf = (point: Float32Array): number[] =>
    directions.map((direction) => direction.reduce((sum, w, i) => sum + w * (point[i]! - start[i]!), 0));
  return { needs, gainsOf };
}

/** Whether a point reaches the goal by what the weights say, and breaks nothing of the schema. */
function isReached(asked: Case, row: number, { weights, offsets }: LinearScores, point: Float32Array): boolean {
  const shift = offsets(row);
  const scores = Float32Array.from(weights, (own, c) => shift[c]! + dot(own, point));
  if (asked.aim.margin(scores, asked.label) >= -slackOf(scores) / 2) return false;
  const { schema } = asked.features;
  if (!schema) return true;
  const [input, start] = [asked.input(row), rowAt(asked.x, asked.size, row)];
  return violations(schema, input, outOfRange(point, start, input, asked.bounds, [0, 1])).length === 0;
}

/** What gradients and scores in float32 are off by. */
const slackOf = (scores: ArrayLike<number>): number =>
  1e-4 * Array.from(scores).reduce((most, score) => Math.max(most, Math.abs(score)), 1);

function priceOf(
  asked: Case,
  row: number,
  feature: number,
  { elements, point }: Move,
  cost: keyof typeof shifts,
  percentile: (element: number, value: number) => number,
): number {
  const all = elements.map((i) => {
    const now = asked.x[row * asked.size + i]!;
    return shifts[cost](percentile(i, now), percentile(i, point[i]!)) + 1e-6 * Math.abs(point[i]! - now);
  });
  const whole = cost === 'max' ? Math.max(...all) : all.reduce((sum, each) => sum + each, 0);
  return whole * asked.features.costs[feature]!;
}

/** Writes the instance with these moves into `out`. */
function apply(
  asked: Case,
  row: number,
  moves: readonly (readonly Move[])[],
  actions: readonly (number | undefined)[],
  out: Float32Array,
): void {
  out.set(rowAt(asked.x, asked.size, row));
  actions.forEach((action, f) => {
    if (action === undefined) return;
    const { elements, point } = moves[f]![action]!;
    for (const i of elements) out[i] = point[i]!;
  });
}

function dot(a: Float64Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
