/** scfe: sparse and plausible counterfactuals by accelerated proximal gradient. */
import { momenta } from '../../optim/apg.js';
import type { Objective } from '../../oracle/objectives.js';
import type { Case } from '../case.js';
import { explainer } from '../explainer.js';
import { composite, towards, type Weighted } from '../search/composite.js';
import { descend, metricOf } from '../search/descent.js';
import { type Descent, loopings } from '../search/descent-scene.js';
import { eliminate } from '../search/eliminate.js';
import { keepToLimits } from '../search/limits.js';
import { plausibilities, plausibilityNames } from '../search/plausibility.js';
import { reach } from '../search/reach.js';
import { repair } from '../search/repair.js';
import { none, penaltyNames, sparsityFor } from '../search/sparsity.js';
import { schedules } from '../search/steps.js';
import { distance } from '../terms/distance.js';

/** Weights of the goal are searched up to this. */
const mostWeight = 1e10;

/**
 * S-CFE: Simple counterfactual explanations (arXiv 2410.15723): the weighted hinge of the goal, the squared distance and a term of
 * implausibility are smooth; sparsity and the box are left to a proximal step. Each instance has its own weight of the goal, which is
 * searched: ten times larger where nothing was found yet, else between the largest that failed and the least that did not.
 *
 * Ours: the hinge is measured in units of its own gradient at the instance, so that one setting serves models of any scale; where
 * an instance's features are chosen, its point is refined with the others held; series change in segments. Without a reference nothing
 * is said of plausibility.
 */
export const scfe = explainer({
  name: 'scfe',
  paper: 'S-CFE: Simple Counterfactual Explanations (arXiv 2410.15723)',
  asks: 'gradients',
  needs: ({ plausibility, theta }) => (plausibility === 'none' || theta === 0 ? [] : [plausibilities[plausibility].by]),
  options: {
    penalty: { default: 'l0', about: 'what makes changes sparse', choices: penaltyNames },
    beta: { default: 0.5, about: 'weight of the penalty', from: 0 },
    power: { default: 0.75, about: 'of lp', from: 0.05, to: 0.95 },
    most: { default: 3, about: 'elements that at-most-k lets change', from: 1, whole: true },
    plausibility: { default: 'kde', about: 'what makes changes plausible', choices: [...plausibilityNames, 'none'] },
    theta: { default: 0.1, about: 'weight of the implausibility', from: 0 },
    neighbours: { default: 5, about: 'of gravity and prototype', from: 1, whole: true },
    steps: { default: 100, about: 'of a descent', from: 1, whole: true },
    rounds: { default: 10, about: 'descents, each with its own weight of the goal', from: 1, whole: true },
    lambda: { default: 1, about: 'weight of the goal that is tried first', from: 1e-6 },
    step: { default: 0.25, about: 'size of the first step', from: 1e-6 },
    schedule: {
      default: 'decay',
      about: 'of the step size',
      choices: Object.keys(schedules) as (keyof typeof schedules)[],
    },
    'line-search': { default: false, about: 'whether steps are shortened until they descend' },
    momentum: { default: 'none', about: 'of the descent', choices: momenta },
    along: {
      default: true,
      about: 'whether descents go along linear constraints; else points are only taken back to them',
    },
    loop: { default: 'auto', about: 'whether the runtime itself takes many steps at once', choices: loopings },
    scaled: { default: true, about: 'whether the goal is measured in units of its gradient at the instance' },
    reach: { default: true, about: 'whether supports are tried that a linear model would take' },
    repair: { default: true, about: 'whether single features are tried one by one where nothing was found' },
    refine: { default: true, about: 'whether the point is refined with its other features held' },
  },
  defaults: ({ space, reference }, { penalty = space.kind === 'series' ? 'segments' : 'l0' }) => ({
    penalty,
    // a segment has many elements, of which one is cheap
    ...(penalty === 'segments' && { beta: 2 }),
    ...(!reference && { plausibility: 'none' }),
  }),
  async run(asked, options) {
    const terms: Weighted[] = [{ term: distance(asked.x, asked.features.weights), weight: 1 }];
    if (options.plausibility !== 'none' && options.theta > 0)
      terms.push({
        term: await plausibilities[options.plausibility].term(asked, options),
        weight: options.theta,
      });
    const keepTo = options.along ? keepToLimits(asked) : undefined;
    const objective = composite(asked.aim, terms);
    const metric = metricOf(terms, asked.size, options.step);
    const scales = options.scaled ? await scalesOf(asked) : new Float32Array(asked.count).fill(1);
    const sparsity = sparsityFor(options, asked.features, asked.space);
    asked.weigh(terms, (change) => (options.beta > 0 ? options.beta * sparsity.value(change) : 0), objective);
    const weights = new Float64Array(asked.count).fill(options.lambda);
    const failed = new Float64Array(asked.count);
    const enough = new Float64Array(asked.count).fill(Number.POSITIVE_INFINITY);
    let open = asked.all;
    const rounds = options.rounds + (options.refine ? 1 : 0);
    for (let round = 0; round < options.rounds && open.length > 0; round++) {
      const ends = await descend(
        asked,
        objective,
        open,
        { ...options, sparsity, metric, weights, scales, keepTo },
        (k) => {
          asked.progress = (round + (k + 1) / options.steps) / rounds;
        },
      );
      const { margins } = await asked.propose(ends, open);
      open.forEach((row, j) => {
        if (margins[j]! < 0) enough[row] = Math.min(enough[row]!, weights[row]!);
        else failed[row] = Math.max(failed[row]!, weights[row]!);
        weights[row] = enough[row]! < Number.POSITIVE_INFINITY ? (failed[row]! + enough[row]!) / 2 : weights[row]! * 10;
      });
      open = open.filter((row) => weights[row]! <= mostWeight);
    }
    if (options.reach) await reachTwice(asked);
    if (options.repair) await repair(asked, asked.missing());
    if (options.refine)
      await refine(asked, objective, { ...options, sparsity, metric, weights: enough, scales, keepTo });
    asked.progress = 1;
  },
});

/** By the slope at the instances, and again by the one where the search has led. */
async function reachTwice(asked: Case): Promise<void> {
  const slope = towards(asked.aim);
  await reach(asked, slope, asked.x, asked.all);
  const found = asked.solved();
  if (found.length > 0) await reach(asked, slope, asked.bests(found), found);
}

/** One over the norm of the margin's gradient at each instance. */
async function scalesOf(asked: Case): Promise<Float32Array> {
  const { gradients } = await asked.slopes(towards(asked.aim), asked.x, asked.all, 'guide');
  return Float32Array.from(asked.all, (row) => {
    let square = 0;
    for (let i = row * asked.size; i < (row + 1) * asked.size; i++) square += gradients[i]! ** 2;
    // where the model is flat there is nothing to measure by
    return square > 1e-20 && Number.isFinite(square) ? 1 / Math.sqrt(square) : 1;
  });
}

/** Takes features out while the goal can be reached without them, then descends once more with the others held. */
async function refine(
  asked: Case,
  objective: Objective,
  { weights: enough, sparsity, ...options }: Omit<Descent, 'free' | 'from'>,
): Promise<void> {
  const again = async (from: Float32Array, rows: readonly number[], free: Uint8Array, weights: Float64Array) => {
    const ends = await descend(asked, objective, rows, { ...options, weights, sparsity: none, from, free });
    await asked.propose(ends, rows);
  };
  const weights = enough.map((weight) => (Number.isFinite(weight) ? weight : 1));
  const strong = weights.map((weight) => 10 * weight);
  if (!sparsity.isContiguous)
    await eliminate(asked, asked.all, (points, rows, free) => again(points, rows, free, strong));
  const open = asked.solved();
  if (open.length === 0) return;
  // at the end of a box or along a limit the goal needs more weight than it did in the search
  for (const pull of [weights, strong]) {
    const best = asked.bests(open);
    await again(best, open, asked.changing(best, open), pull);
  }
}
