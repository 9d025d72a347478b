/** scfe: sparse and plausible counterfactuals by accelerated proximal gradient. */
import { apg, momenta } from '../optim/apg.js';
import type { Case } from './case.js';
import { composite, goalWeight, towards, type Weighted } from './composite.js';
import { eliminate } from './eliminate.js';
import { explainer } from './explainer.js';
import { plausibilityNames, plausibilityOf } from './plausibility.js';
import { reach } from './reach.js';
import { repair } from './repair.js';
import { penaltyNames, type Sparsity, sparsityFor } from './sparsity.js';
import { schedules } from './steps.js';
import { distance } from './terms/distance.js';

/** Weights of the goal are searched up to this. */
const mostWeight = 1e10;

/**
 * S-CFE: Simple counterfactual explanations (arXiv 2410.15723): the weighted hinge of the goal, the squared distance and a term of
 * implausibility are smooth; sparsity and the box are left to a proximal step. Each instance has its own weight of the goal, which is
 * searched: ten times larger where nothing was found yet, else between the largest that failed and the least that did not.
 *
 * Ours: the hinge is measured in units of its own gradient at the instance, so that one setting serves models of any scale; and where
 * an instance's features are chosen, its point is refined with the others held.
 */
export const scfe = explainer({
  name: 'scfe',
  paper: 'S-CFE: Simple Counterfactual Explanations (arXiv 2410.15723)',
  asks: 'gradients',
  needs: ({ plausibility }) =>
    plausibility === 'none' || plausibility === 'flow'
      ? []
      : plausibility === 'autoencoder'
        ? ['autoencoder']
        : ['reference'],
  options: {
    penalty: { default: 'l0', about: 'what makes changes sparse', choices: penaltyNames },
    beta: { default: 0.1, about: 'weight of the penalty', from: 0 },
    power: { default: 0.75, about: 'of lp', from: 0.05, to: 0.95 },
    most: { default: 3, about: 'elements that at-most-k lets change', from: 1, whole: true },
    plausibility: { default: 'kde', about: 'what makes changes plausible', choices: [...plausibilityNames, 'none'] },
    theta: { default: 0.01, about: 'weight of the implausibility', from: 0 },
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
    scaled: { default: true, about: 'whether the goal is measured in units of its gradient at the instance' },
    reach: {
      default: true,
      about: 'whether supports are tried that a linear model would take',
    },
    repair: { default: true, about: 'whether single features are tried one by one where nothing was found' },
    refine: { default: true, about: 'whether the point is refined with its other features held' },
  },
  async run(asked, options) {
    const terms: Weighted[] = [{ term: distance(asked.x, asked.features.weights), weight: 1 }];
    if (options.plausibility !== 'none' && options.theta > 0)
      terms.push({ term: await plausibilityOf(options.plausibility, asked, options), weight: options.theta });
    const objective = composite(asked.aim, terms);
    const metric = metricOf(terms, asked.size, options.step);
    const scales = options.scaled ? await scalesOf(asked) : new Float32Array(asked.count).fill(1);
    const sparsity = sparsityFor(options, asked.features, asked.space);
    asked.weigh(terms, (change) => (options.beta > 0 ? options.beta * sparsity.value(change) : 0));
    const weights = new Float64Array(asked.count).fill(options.lambda);
    const failed = new Float64Array(asked.count);
    const enough = new Float64Array(asked.count).fill(Number.POSITIVE_INFINITY);
    let open = asked.all;
    const rounds = options.rounds + (options.refine ? 1 : 0);
    for (let round = 0; round < options.rounds && open.length > 0; round++) {
      const ends = await descend(asked, objective, open, { ...options, sparsity, metric, weights, scales }, (k) => {
        asked.progress = (round + (k + 1) / options.steps) / rounds;
      });
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
    if (options.refine) await refine(asked, objective, { ...options, metric, weights: enough, scales });
    asked.progress = 1;
  },
});

/** By the slope at the instances, and again by the one where the search has led. */
async function reachTwice(asked: Case): Promise<void> {
  const slope = towards(asked.aim);
  await reach(asked, slope, asked.x, asked.all);
  const found = asked.all.filter((row) => asked.found(row));
  if (found.length > 0) await reach(asked, slope, bestOf(asked, found), found);
}

/** The best points, packed as `rows`. */
function bestOf(asked: Case, rows: readonly number[]): Float32Array {
  const points = new Float32Array(rows.length * asked.size);
  rows.forEach((row, j) => {
    points.set(asked.best(row), j * asked.size);
  });
  return points;
}

/** Shorter steps where the terms bend much: with the same for all elements the stiffest would set the pace, or fly off. */
const metricOf = (terms: readonly Weighted[], size: number, step: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => {
    const bend = terms.reduce((sum, { term, weight }) => sum + weight * (term.curvature?.[i] ?? 0), 0);
    return 1 / (1 + step * bend);
  });

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

interface Descent {
  readonly steps: number;
  readonly step: number;
  readonly schedule: keyof typeof schedules;
  readonly momentum: (typeof momenta)[number];
  readonly 'line-search': boolean;
  readonly beta: number;
  readonly sparsity: Sparsity;
  /** See `ApgOptions`. */
  readonly metric: Float32Array;
  readonly weights: Float64Array;
  readonly scales: Float32Array;
  /** Elements that may change, as those of `x`; default: all. */
  readonly free?: Uint8Array;
  /** Where it starts; default: at the instances. */
  readonly from?: Float32Array;
}

/** @returns where the descents end, packed as `open`. Each varies the change of its instance, within its box. */
async function descend(
  asked: Case,
  objective: ReturnType<typeof composite>,
  open: readonly number[],
  options: Descent,
  onStep?: (k: number) => void,
): Promise<Float32Array> {
  const { size, x } = asked;
  const { sparsity, metric, weights, scales, beta, free } = options;
  asked.feed(
    goalWeight,
    Float32Array.from(asked.all, (row) => weights[row]! * scales[row]!),
    1,
  );
  const start = asked.starts(open);
  const isFree = (at: number): boolean => free === undefined || free[at] === 1;
  const [lower, upper] = [asked.lower, asked.upper].map((ends) =>
    ends.map((end, at) => (isFree(at) ? end - x[at]! : 0)),
  ) as [Float32Array, Float32Array];
  const boxes = open.map((row) => ({
    lower: lower.subarray(row * size, (row + 1) * size),
    upper: upper.subarray(row * size, (row + 1) * size),
  }));
  const { penalty, prices } = sparsity;
  const price = metric.map((each, i) => each * (prices === 1 ? 1 : prices[i]!));
  const isEven = price.every((each) => each === 1);
  const clamp = (z: Float32Array, { lower: low, upper: high }: (typeof boxes)[number], out: Float32Array): void => {
    for (let i = 0; i < size; i++) out[i] = Math.min(Math.max(z[i]!, low[i]!), high[i]!);
  };
  const changes = options.from ? options.from.map((value, at) => value - start[at]!) : new Float32Array(start.length);
  await apg(
    {
      async slopes(points, rows) {
        const moved = points.map((value, at) => value + start[rows[Math.floor(at / size)]! * size + (at % size)]!);
        return asked.slopes(
          objective,
          moved,
          rows.map((j) => open[j]!),
        );
      },
    },
    {
      value: (change) => (beta > 0 ? beta * sparsity.value(change) : 0),
      prox(z, step, j, out) {
        if (penalty) penalty.prox(z, isEven ? beta * step : price.map((each) => each * beta * step), boxes[j]!, out);
        else clamp(z, boxes[j]!, out);
      },
    },
    changes,
    size,
    {
      steps: options.steps,
      stepSize: (k) => schedules[options.schedule](options.step, k, options.steps),
      momentum: options.momentum,
      metric,
      ...(options['line-search'] && { lineSearch: 2 }),
      ...(onStep && { onStep }),
    },
  );
  return changes.map((value, at) => value + start[at]!);
}

/** Elements that may change: those of the features that a point changes already. */
function freeIn(asked: Case, rows: readonly number[]): Uint8Array {
  const free = new Uint8Array(asked.x.length);
  for (const row of rows) {
    const changed = new Set(asked.changed(asked.best(row), row));
    for (let i = 0; i < asked.size; i++) free[row * asked.size + i] = Number(changed.has(asked.features.labels[i]!));
  }
  return free;
}

/** Takes features out while the goal can be reached without them, then descends once more with the others held. */
async function refine(
  asked: Case,
  objective: ReturnType<typeof composite>,
  { weights: enough, ...options }: Omit<Descent, 'sparsity' | 'free' | 'from'>,
): Promise<void> {
  const sparsity: Sparsity = { penalty: undefined, prices: 1, value: () => 0 };
  const again = async (from: Float32Array, rows: readonly number[], free: Uint8Array, weights: Float64Array) => {
    const ends = await descend(asked, objective, rows, { ...options, weights, sparsity, from, free });
    await asked.propose(ends, rows);
  };
  const weights = enough.map((weight) => (Number.isFinite(weight) ? weight : 1));
  await eliminate(asked, asked.all, (points, rows, free) =>
    again(
      points,
      rows,
      free,
      weights.map((weight) => 10 * weight),
    ),
  );
  const open = asked.all.filter((row) => asked.found(row));
  if (open.length === 0) return;
  await again(bestOf(asked, open), open, freeIn(asked, open), weights);
}
