/** gse: pixels that lie together and matter together are made cheap to change, until a few groups of them suffice. */
import { lHalf } from '../optim/penalties/l-half.js';
import { carliniWagner } from '../oracle/objectives.js';
import { pack, pick } from '../oracle/packed.js';
import { attack } from './attack.js';
import { adjustPrices } from './gse-prices.js';
import type { Victim } from './victim.js';

/**
 * Sadiku, Wagner, Pokutta, Group-wise sparse and explainable adversarial attacks (arXiv 2311.17434). Phase one is proximal descent
 * with a half-quasinorm whose weight falls around pixels that have changed; phase two descends on the pixels that came out cheap. The
 * weight at the start is searched.
 *
 * The paper writes Nesterov's extrapolation; its published code averages the last two steps. Averaging is the default: the published
 * figures are its.
 */
export const gse = attack({
  name: 'gse',
  family: 'group',
  needs: 'gradients',
  paper: 'Sadiku, Wagner, Pokutta, Group-wise sparse and explainable adversarial attacks (arXiv 2311.17434)',
  range: [-1, 1],
  measure: 'd20',
  options: {
    mu: { default: 1, about: 'weight of the squared l2 norm', from: 0 },
    stepSize: { default: 0.005, about: 'step of descent', from: 1e-12 },
    freeze: { default: 30, about: 'steps until dear pixels are left out', from: 1, whole: true },
    q: { default: 0.25, about: 'by what the weight of untouched pixels is divided at each step', from: 1e-3, to: 1 },
    steps: { default: 200, about: 'steps of one descent', from: 1, whole: true },
    searchSteps: { default: 10, about: 'weights tried', from: 1, whole: true },
    searchFactor: { default: 2, about: 'growth of the weight until one fails', from: 1.01 },
    momentum: {
      default: 'averaging',
      about: 'averaging as the published code, or extrapolation as the paper',
      choices: ['averaging', 'extrapolation'],
    },
  },
  defaults: ({ positions }, targeted) =>
    positions > 64 * 64 ? { mu: 0.1, stepSize: 0.05, freeze: 50, q: 0.9 } : { freeze: targeted ? 50 : 30 },
  async run(victim, options) {
    const { stepSize, searchSteps, searchFactor } = options;
    const clean = (await victim.slopes(hinge, victim.x, victim.all)).gradients;
    // lambda of each example, and the interval it is searched in
    const weights = victim.all.map((row) => 0.01 * leastThatStops(clean, row, victim.size, stepSize));
    const [low, high] = [weights.map(() => 0), weights.map(() => Number.POSITIVE_INFINITY)];
    for (let step = 0; step < searchSteps; step++) {
      victim.progress = step / searchSteps;
      // an example that nothing has fooled gets larger steps in the end
      const isLate = step >= searchSteps - 2;
      const sizes = victim.all.map((row) => (isLate && !victim.found(row) ? 10 * stepSize : stepSize));
      const fooled = await descend(victim, clean, weights, sizes, options);
      for (const row of victim.all) {
        const weight = weights[row]!;
        if (fooled.has(row)) {
          low[row] = weight;
          weights[row] = Number.isFinite(high[row]!) ? (high[row]! + weight) / 2 : weight * searchFactor;
        } else {
          high[row] = weight;
          weights[row] = 0.9 * low[row]! + 0.1 * weight;
        }
      }
    }
  },
});

const hinge = carliniWagner();

interface Settings {
  readonly mu: number;
  readonly freeze: number;
  readonly q: number;
  readonly steps: number;
  readonly momentum: 'averaging' | 'extrapolation';
}

/** One descent of all examples from the clean ones; each ends at its first success. @returns those that had one. */
async function descend(
  victim: Victim,
  clean: Float32Array,
  weights: readonly number[],
  sizes: readonly number[],
  { mu, freeze, q, steps, momentum }: Settings,
): Promise<Set<number>> {
  const { size, space, x, lower, upper } = victim;
  const { positions } = space;
  // w: the change, z: the last step before momentum, prices: the weight of each position
  const [w, z] = [new Float32Array(x.length), new Float32Array(x.length)];
  const prices = new Float32Array(victim.count * positions);
  for (const row of victim.all) prices.fill(weights[row]!, row * positions, (row + 1) * positions);
  const frozen = new Uint8Array(prices.length);
  const fooled = new Set<number>();
  let rows = victim.all;
  let gradients = clean;
  const [moved, costs] = [new Float32Array(size), new Float32Array(size)];
  for (let step = 0, t = 1; ; step++) {
    if (step > 0) {
      // the gradient's own forward pass tells which examples are done
      const [points, asked] = [pack(rows, size, (i) => x[i]! + w[i]!), rows];
      const slopes = step < steps ? await victim.slopes(hinge, points, asked) : undefined;
      const { margins } = slopes ?? (await victim.scores(points, asked));
      asked.forEach((row, j) => {
        if (margins[j]! < 0) fooled.add(row);
      });
      rows = asked.filter((row) => !fooled.has(row));
      if (rows.length === 0 || !slopes) return fooled;
      gradients = pick(
        slopes.gradients,
        size,
        asked.flatMap((row, j) => (fooled.has(row) ? [] : [j])),
      );
    }
    const next = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    const [now, before] = momentum === 'averaging' ? [t / next, 1 - t / next] : [1 + (t - 1) / next, -(t - 1) / next];
    t = next;
    rows.forEach((row, j) => {
      const [from, first] = [row * size, row * positions];
      const sigma = sizes[row]!;
      for (let i = 0; i < size; i++) {
        const at = from + i;
        const p = first + (i % positions);
        moved[i] = w[at]! - sigma * (gradients[j * size + i]! + 2 * mu * w[at]!);
        if (step < freeze) {
          // the paper's prox is of (p - z)^2 + lambda |p|^(1/2): half its weight in ours
          costs[i] = (prices[p]! * sigma) / 2;
          continue;
        }
        if (step === freeze && prices[p]! > weights[row]!) frozen[p] = 1;
        if (step === freeze) z[at] = frozen[p] ? 0 : w[at]!;
        if (frozen[p]) moved[i] = 0;
      }
      const stepped = step < freeze ? lHalf.prox(moved, costs, undefined, moved) : moved;
      for (let i = 0; i < size; i++) {
        const at = from + i;
        const mixed = now * stepped[i]! + before * z[at]!;
        z[at] = stepped[i]!;
        // lambda is adjusted before the box is
        w[at] = mixed;
      }
      if (step < freeze)
        adjustPrices(prices.subarray(first, first + positions), w.subarray(from, from + size), space, q);
      for (let i = from; i < from + size; i++)
        w[i] = Math.fround(Math.min(upper[i]!, Math.max(lower[i]!, Math.fround(x[i]! + w[i]!))) - x[i]!);
    });
  }
}

/** The least weight for which the first step does not move: where the largest element meets the threshold of the prox. */
function leastThatStops(gradients: Float32Array, row: number, size: number, stepSize: number): number {
  let largest = 0;
  for (let i = row * size; i < (row + 1) * size; i++) largest = Math.max(largest, Math.abs(gradients[i]!));
  return ((4 * largest * stepSize) / Math.cbrt(54)) ** 1.5 / stepSize;
}
