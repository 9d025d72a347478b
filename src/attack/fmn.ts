/** fmn-l0, fmn-l1, fmn-l2 and fmn-linf: steps along the gradient, each projected on a ball whose radius finds the boundary. */
import { atMostK } from '../optim/penalties/at-most-k.js';
import { l1Ball } from '../optim/penalties/l1-ball.js';
import { l2Ball } from '../optim/penalties/l2-ball.js';
import { linfBall } from '../optim/penalties/linf-ball.js';
import { gap } from '../oracle/objectives.js';
import { rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { euclidean, largest, pointsAt, reachOf, total } from './norm-balls.js';

/** Where an example stands after a step. */
interface Standing {
  readonly change: Float32Array;
  /** The difference of logits there, negative where the goal is reached, and its gradient. */
  readonly value: number;
  readonly slope: Float32Array;
  readonly isAdversarial: boolean;
  /** The norm of the best change so far. */
  readonly best: number;
}

/** The radius that follows `radius`. @param share by which it moves. */
type Next = (radius: number, share: number, standing: Standing) => number;

/**
 * Until the first success, beyond where the boundary is if the model is linear: on it, where the paper's radius ends, is no success.
 * @param dual of the norm, for the gradient.
 */
const stretched =
  (norm: (values: Float32Array) => number, dual: (values: Float32Array) => number): Next =>
  (radius, share, { change, value, slope, isAdversarial, best }) => {
    if (isAdversarial) return Math.min(radius * (1 - share), best);
    return (1 + share) * (best < Number.POSITIVE_INFINITY ? radius : norm(change) + value / dual(slope));
  };

/** Elements come and go one at a time at least. */
const counted: Next = (radius, share, { change, isAdversarial, best }) =>
  isAdversarial
    ? Math.max(0, Math.min(radius - 1, Math.floor(radius * (1 - share)), best))
    : Math.min(change.length, Math.max(radius + 1, Math.floor(radius * (1 + share))));

const norms = {
  l0: { family: 'sparse', measure: 'elements', ball: atMostK, first: 1, stepSize: 10, next: counted },
  l1: {
    family: 'l1',
    measure: 'l1',
    ball: l1Ball,
    first: Number.POSITIVE_INFINITY,
    stepSize: 1,
    next: stretched(total, largest),
  },
  l2: {
    family: 'l2',
    measure: 'l2',
    ball: l2Ball,
    first: Number.POSITIVE_INFINITY,
    stepSize: 1,
    next: stretched(euclidean, euclidean),
  },
  linf: {
    family: 'linf',
    measure: 'linf',
    ball: linfBall,
    first: Number.POSITIVE_INFINITY,
    stepSize: 1,
    next: stretched(largest, total),
  },
} as const;

/**
 * Pintor, Roli, Brendel, Biggio, Fast minimum-norm adversarial attacks through adaptive norm constraints (arXiv 2102.12827). The change
 * steps along the normalised gradient of the difference of logits and is projected on a ball, which shrinks after each success and
 * grows after each failure, by less and less. For l0 the radius is a number of elements.
 *
 * Projections are exact on ball and box together, where the published code clips to the box afterwards. Of the first steps that the
 * paper tries, 1 and 10, l0 takes 10: elements then compete for their place by gradient and room to the box, and what came first does
 * not stay. With l0, an example that one element fools is done.
 */
const fmn = <Norm extends keyof typeof norms>(norm: Norm) =>
  attack({
    name: `fmn-${norm}`,
    family: norms[norm].family,
    needs: 'gradients',
    paper:
      'Pintor, Roli, Brendel, Biggio, Fast minimum-norm adversarial attacks through adaptive norm constraints (arXiv 2102.12827)',
    range: [0, 1],
    measure: norms[norm].measure,
    options: {
      steps: { default: 1000, about: 'steps', from: 1, whole: true },
      stepSize: {
        default: norms[norm].stepSize,
        about: 'l2 norm of the first step; it falls to a hundredth',
        from: 1e-12,
      },
      gamma: {
        default: 0.05,
        about: 'share by which the radius moves at first; it falls to 0.001',
        from: 1e-6,
        to: 0.999,
      },
    },
    async run(victim, { steps, stepSize, gamma }) {
      const { size, x } = victim;
      const { ball, first, next } = norms[norm];
      const { low, high } = reachOf(victim);
      const changes = new Float32Array(x.length);
      const radii = new Float64Array(victim.count).fill(first);
      const isDone = (row: number): boolean => norm === 'l0' && victim.cost(row) <= 1;
      let rows = victim.all;
      for (let step = 0; step < steps; step++) {
        victim.progress = step / steps;
        const asked = rows;
        const { margins, values, gradients } = await victim.slopes(gap, pointsAt(victim, changes, asked), asked);
        rows = asked.filter((row) => !isDone(row));
        if (rows.length === 0) return;
        // cosine annealing
        const early = (1 + Math.cos((Math.PI * step) / steps)) / 2;
        const alpha = stepSize * (0.01 + 0.99 * early);
        const share = 0.001 + (gamma - 0.001) * early;
        asked.forEach((row, j) => {
          const [change, slope] = [rowAt(changes, size, row), rowAt(gradients, size, j)];
          const standing = { isAdversarial: margins[j] < 0, best: victim.cost(row), change, slope, value: values[j] };
          radii[row] = next(radii[row], share, standing);
          const scale = alpha / Math.max(euclidean(slope), Number.MIN_VALUE);
          for (let i = 0; i < size; i++) change[i] -= scale * slope[i];
          ball(radii[row]).prox(change, 1, { lower: rowAt(low, size, row), upper: rowAt(high, size, row) }, change);
        });
      }
      await victim.scores(pointsAt(victim, changes, rows), rows);
    },
  });

export const fmnL0 = fmn('l0');
export const fmnL1 = fmn('l1');
export const fmnL2 = fmn('l2');
export const fmnLinf = fmn('linf');
