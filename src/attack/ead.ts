/** ead: the hinge of the logits beside an elastic net, the sum of l1 and squared l2, by accelerated proximal descent. */

import { carliniWagner, gap } from '../oracle/objectives.js';
import { pick } from '../oracle/packed.js';
import { attack } from './attack.js';
import type { Measure } from './measures.js';
import { shorten } from './shorten.js';
import type { Victim } from './victim.js';
import { WeightSearch } from './weight-search.js';

/**
 * Chen, Sharma, Zhang, Yi, Hsieh, EAD: elastic-net attacks to deep neural networks via adversarial examples (arXiv 1709.04114).
 * Minimises weight f(x) + |d|^2 + beta |d|_1 in the box by FISTA: a step along the gradient from a point ahead, then the threshold, by
 * which changes shrink. The weight is searched. Of the examples found, the least by the elastic net or by l1 is kept.
 *
 * As published, the threshold is beta whatever the step, which falls with the square root of what is left of the steps; and a descent
 * is given up when its sum has not fallen over a tenth of its steps. Both published rules leave many small changes; the rule 'l0' is an
 * addition that counts elements and, in the end, goes all the way with as few of those that changed as reach the goal.
 */
export const ead = attack({
  name: 'ead',
  family: 'sparse',
  needs: 'gradients',
  paper:
    'Chen, Sharma, Zhang, Yi, Hsieh, EAD: elastic-net attacks to deep neural networks via adversarial examples (arXiv 1709.04114)',
  range: [0, 1],
  measure: ({ rule, beta }) => (rule === 'elastic-net' ? elasticNet(beta) : rule === 'l1' ? 'l1' : 'elements'),
  options: {
    rule: { default: 'elastic-net', about: 'what the best example is least in', choices: ['elastic-net', 'l1', 'l0'] },
    beta: { default: 1e-3, about: 'weight of l1, and the threshold', from: 0 },
    steps: { default: 1000, about: 'steps of one descent', from: 1, whole: true },
    stepSize: { default: 0.01, about: 'first step of descent', from: 1e-12 },
    weight: { default: 1e-3, about: 'weight of the hinge that is tried first', from: 1e-12 },
    searchSteps: { default: 9, about: 'weights tried', from: 1, whole: true },
    giveUp: { default: true, about: 'whether a descent that no longer falls ends early' },
  },
  async run(victim, { rule, beta, steps, stepSize, weight, searchSteps, giveUp }) {
    const searches = victim.all.map(() => new WeightSearch(weight, 10));
    for (let search = 0; search < searchSteps; search++) {
      const weights = searches.map((each) => each.weight);
      const fooled = await descend(victim, weights, { beta, steps, stepSize, giveUp });
      searches.forEach((each, row) => {
        each.tell(fooled.has(row));
      });
    }
    if (rule === 'l0') await sendToEnds(victim);
  },
});

/**
 * The elements that changed, each sent to the end of its range, and as few of them as reach the goal. Those that did most for it come
 * first.
 */
async function sendToEnds(victim: Victim): Promise<void> {
  const { size, x, lower, upper } = victim;
  const rows = victim.all.filter((row) => victim.found(row));
  if (rows.length === 0) return;
  const points = new Float32Array(rows.length * size);
  rows.forEach((row, j) => {
    points.set(victim.best(row), j * size);
  });
  const { gradients } = await victim.slopes(gap, points, rows);
  const worth = new Float32Array(points.length);
  rows.forEach((row, j) => {
    for (let i = row * size, k = j * size; k < (j + 1) * size; i++, k++) {
      if (points[k] === x[i]) continue;
      points[k] = points[k] > x[i] ? upper[i] : lower[i];
      worth[k] = -gradients[k] * (points[k] - x[i]);
    }
  });
  const { margins } = await victim.scores(points, rows);
  const fooled = rows.flatMap((_, j) => (margins[j] < 0 ? [j] : []));
  const found = fooled.map((j) => rows[j]);
  if (found.length > 0) await shorten(victim, pick(points, size, fooled), found, pick(worth, size, fooled));
}

const elasticNet =
  (beta: number): Measure =>
  (d) =>
    d.reduce((sum, value) => sum + value * value + beta * Math.abs(value), 0);

const hinge = carliniWagner();

interface Settings {
  readonly beta: number;
  readonly steps: number;
  readonly stepSize: number;
  readonly giveUp: boolean;
}

/** One descent of all examples from the clean ones. @returns those that reached the goal on the way. */
async function descend(
  victim: Victim,
  weights: readonly number[],
  { beta, steps, stepSize, giveUp }: Settings,
): Promise<Set<number>> {
  const { size, x, lower, upper } = victim;
  // v: the points of the paper's x, y: the points ahead of them
  const [v, y] = [new Float32Array(x), new Float32Array(x)];
  const fooled = new Set<number>();
  const sums = new Float64Array(victim.count).fill(Number.POSITIVE_INFINITY);
  let rows = victim.all;
  for (let step = 0; step < steps && rows.length > 0; step++) {
    const { gradients } = await victim.slopes(hinge, pick(y, size, rows), rows);
    const rate = stepSize * Math.sqrt(1 - step / steps);
    const ahead = step / (step + 3);
    const nets = rows.map((row, j) => {
      let net = 0;
      for (let i = row * size, k = j * size; k < (j + 1) * size; i++, k++) {
        const moved = y[i] - rate * (weights[row] * gradients[k] + 2 * (y[i] - x[i])) - x[i];
        const shrunk = Math.abs(moved) <= beta ? 0 : moved - Math.sign(moved) * beta;
        const next = Math.fround(Math.min(upper[i], Math.max(lower[i], x[i] + shrunk)));
        y[i] = next + ahead * (next - v[i]);
        v[i] = next;
        const d = next - x[i];
        net += d * d + beta * Math.abs(d);
      }
      return net;
    });
    const { margins } = await victim.scores(pick(v, size, rows), rows);
    const isTime = giveUp && step % Math.max(1, Math.floor(steps / 10)) === 0;
    rows = rows.filter((row, j) => {
      if (margins[j] < 0) fooled.add(row);
      if (!isTime) return true;
      const sum = weights[row] * Math.max(0, margins[j]) + nets[j];
      const falls = sum <= 0.9999 * sums[row];
      sums[row] = sum;
      return falls;
    });
  }
  return fooled;
}
