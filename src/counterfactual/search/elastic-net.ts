/** elastic-net: the least change by l1 and l2 that reaches the goal: FISTA, again and again under another weight of the goal. */
import { apg } from '../../optim/apg.js';
import { l1 } from '../../optim/penalties/index.js';
import { pick } from '../../oracle/packed.js';
import type { Case } from '../case.js';
import type { Need } from '../explainer.js';
import { distance } from '../terms/distance.js';
import { reconstructionError } from '../terms/reconstruction.js';
import { composite, goalWeight, type Weighted } from './composite.js';
import { weighed } from './sparsity.js';
import { schedules } from './steps.js';

/** Between which each element of each instance stays, packed as `x`. */
export interface Box {
  readonly lower: Float32Array;
  readonly upper: Float32Array;
}

export interface ElasticNet {
  /** How far past the goal the hinge still pulls; 0 for ranges. */
  readonly kappa: number;
  /** Weight of the l1 norm beside the squared l2 norm of the change. */
  readonly beta: number;
  /** Weight of the goal that is tried first. */
  readonly c: number;
  /** Weights of the goal that are tried. */
  readonly rounds: number;
  /** Of a descent. */
  readonly steps: number;
  /** The first step size, which falls as sqrt(1 - k / steps). */
  readonly rate: number;
  /** Weight of the error of an autoencoder. It and the terms have no say in which find is the better one. */
  readonly gamma: number;
  /** What else is minimised. */
  readonly terms?: readonly Weighted[];
  /** Where points may be; default: the boxes of the case. */
  readonly box?: Box;
}

/** What these methods can be set to alike. */
export const netOptions = {
  kappa: { default: 0, about: 'how far past the goal it still pulls, in logits', from: 0 },
  beta: { default: 0.1, about: 'weight of the l1 norm', from: 0 },
  gamma: { default: 0, about: 'weight of the error of an autoencoder', from: 0 },
  c: { default: 10, about: 'weight of the goal that is tried first', from: 1e-6 },
  rounds: { default: 10, about: 'weights of the goal', from: 1, whole: true },
  steps: { default: 1000, about: 'of a descent', from: 1, whole: true },
  rate: { default: 0.01, about: 'size of the first step', from: 1e-6 },
} as const;

/** What they cannot do without. */
export const netNeeds = ({ gamma }: Pick<ElasticNet, 'gamma'>): Need[] => (gamma > 0 ? ['autoencoder'] : []);

/** Weights of the goal are searched up to this. */
const mostWeight = 1e10;

/**
 * Minimises c max(margin, -kappa) + beta |d|_1 + |d|_2^2 + gamma times the error of an autoencoder + terms from each instance on; c becomes ten times as large until a descent meets
 * the goal, and is halved towards the largest that did not from then on. Every iterate is proposed.
 *
 * Costs of features weigh both norms. The published codes of CEM and CFProto shrink by beta whatever the step size, so that what they
 * minimise changes as the steps get shorter; here it is the exact proximal step, of beta times the step size.
 */
export async function elasticNet(asked: Case, net: ElasticNet): Promise<void> {
  const { beta, kappa, gamma, rounds, steps } = net;
  const near: Weighted = { term: distance(asked.x, asked.features.weights), weight: 1 };
  const sparsity = weighed(l1, asked.features);
  const price = (change: Float32Array): number => beta * sparsity.value(change);
  asked.weigh([near], price);
  const terms = [near, ...(net.terms ?? [])];
  if (gamma > 0) terms.push({ term: reconstructionError(asked.companions.autoencoder!), weight: gamma });
  const objective = composite(asked.aim, terms, asked.isRange ? 0 : kappa);
  const weights = new Float64Array(asked.count).fill(net.c);
  const failed = new Float64Array(asked.count);
  const enough = new Float64Array(asked.count).fill(Number.POSITIVE_INFINITY);
  let open = asked.all;
  for (let round = 0; round < rounds && open.length > 0; round++) {
    asked.feed(goalWeight, Float32Array.from(weights), 1);
    const reached = await descend(asked, open, net, {
      slopes: (points, rows) => asked.slopes(objective, points, rows, 'guide'),
      price,
      prox: (z, step, box, out) => {
        const { prices } = sparsity;
        l1.prox(z, prices === 1 ? beta * step : prices.map((each) => each * beta * step), box, out);
      },
      tell: (k) => {
        asked.progress = (round + (k + 1) / steps) / rounds;
      },
    });
    for (const row of open) {
      if (reached.has(row)) enough[row] = Math.min(enough[row]!, weights[row]!);
      else failed[row] = Math.max(failed[row]!, weights[row]!);
      weights[row] = Number.isFinite(enough[row]!) ? (failed[row]! + enough[row]!) / 2 : weights[row]! * 10;
    }
    open = open.filter((row) => weights[row]! <= mostWeight);
  }
  asked.progress = 1;
}

interface Parts {
  slopes(
    points: Float32Array,
    rows: readonly number[],
  ): Promise<{ readonly values: Float32Array; readonly gradients: Float32Array }>;
  readonly price: (change: Float32Array) => number;
  prox(z: Float32Array, step: number, box: Box, out: Float32Array): void;
  readonly tell: (k: number) => void;
}

/** @returns those of `open` that met the goal on the way. */
async function descend(
  asked: Case,
  open: readonly number[],
  { steps, rate, box = asked }: ElasticNet,
  { slopes, price, prox, tell }: Parts,
): Promise<Set<number>> {
  const { size, x } = asked;
  const room = open.map((row) => roomOf(x, box, row * size, (row + 1) * size));
  const changes = new Float32Array(open.length * size);
  const reached = new Set<number>();
  const moved = (points: Float32Array, places: readonly number[]): Float32Array =>
    points.map((change, at) => change + x[open[places[Math.floor(at / size)]!]! * size + (at % size)]!);
  const look = async (places: readonly number[]): Promise<void> => {
    const rows = places.map((j) => open[j]!);
    for (const row of await reachedBy(asked, moved(pick(changes, size, places), places), rows, box)) reached.add(row);
  };
  await apg(
    {
      async slopes(ahead, places) {
        // where momentum leads steers alone: what the proximal step gave is the iterate
        await look(places);
        return slopes(
          moved(ahead, places),
          places.map((j) => open[j]!),
        );
      },
    },
    { value: price, prox: (z, step, j, out) => prox(z, step, room[j]!, out) },
    changes,
    size,
    { steps, stepSize: (k) => schedules.decay(rate, k, steps), momentum: 'fista', onStep: tell },
  );
  await look([...open.keys()]);
  return reached;
}

const roomOf = (x: Float32Array, { lower, upper }: Box, from: number, to: number): Box => ({
  lower: Float32Array.from({ length: to - from }, (_, i) => lower[from + i]! - x[from + i]!),
  upper: Float32Array.from({ length: to - from }, (_, i) => upper[from + i]! - x[from + i]!),
});

/** Proposes those of the points whose nearest allowed ones lie in the box. @returns rows of those that reach the goal. */
async function reachedBy(asked: Case, points: Float32Array, rows: readonly number[], box: Box): Promise<number[]> {
  const { size } = asked;
  const found = box === asked ? points : asked.snapped(points, rows);
  const inside = [...rows.keys()].filter((j) => box === asked || isInside(found, j * size, box, rows[j]! * size, size));
  if (inside.length === 0) return [];
  const own = inside.map((j) => rows[j]!);
  const { margins } = await asked.propose(pick(found, size, inside), own);
  return own.filter((_, j) => margins[j]! < 0);
}

function isInside(points: Float32Array, from: number, { lower, upper }: Box, at: number, size: number): boolean {
  for (let i = 0; i < size; i++) {
    const value = points[from + i]!;
    if (!(value >= lower[at + i]! && value <= upper[at + i]!)) return false;
  }
  return true;
}
