/** pgd-linf, pgd-l2 and pgd-l1: steps of fixed length down the gradient, each brought back to the ball. */

import { rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { l1Geometry, sparseStep } from './l1-geometry.js';
import { type LossName, losses, lossNames } from './losses.js';
import { type Geometry, geometries, reachOf } from './norm-balls.js';
import type { Victim } from './victim.js';
import { walk } from './walk.js';

const options = {
  steps: { default: 20, about: 'steps from each start', from: 1, whole: true },
  stepSize: { default: 0.25, about: 'length of a step, as a share of eps', from: 1e-6 },
  restarts: { default: 1, about: 'random starts', from: 1, whole: true },
  randomStart: { default: true, about: 'whether to start at random in the ball, or once at the clean example' },
  loss: { default: 'cross-entropy', about: 'what is to fall', choices: lossNames },
} as const;

const radius = (usual: number) =>
  ({ default: usual, about: 'radius of the ball, every element being in [0, 1]', from: 0 }) as const;

/**
 * Madry, Makelov, Schmidt, Tsipras, Vladu, Towards deep learning models resistant to adversarial attacks (arXiv 1706.06083). Steps of
 * fixed length in the norm from a random point of the ball, each projected on ball and box together; the defaults are the paper's for
 * CIFAR-10, 20 steps of a quarter of the radius. An example is done at its first success. Elements that the box holds back have no part
 * in a step.
 */
const pgd = <Norm extends 'linf' | 'l2'>(norm: Norm, eps: number) =>
  attack({
    name: `pgd-${norm}`,
    family: norm,
    needs: 'gradients',
    paper:
      'Madry, Makelov, Schmidt, Tsipras, Vladu, Towards deep learning models resistant to adversarial attacks (arXiv 1706.06083)',
    range: [0, 1],
    measure: norm,
    budget: 'eps',
    options: { eps: radius(eps), ...options },
    run(victim, settings) {
      const { steepest, ...geometry } = geometries[norm];
      const [free, direction] = [new Float32Array(victim.size), new Float32Array(victim.size)];
      return descend(victim, settings, geometry, (slope, change, low, high, length) => {
        for (let i = 0; i < free.length; i++) {
          const isHeld = slope[i] > 0 ? change[i] >= high[i] : change[i] <= low[i];
          free[i] = isHeld ? 0 : slope[i];
        }
        steepest(free, direction);
        for (let i = 0; i < free.length; i++) change[i] += length * direction[i];
      });
    },
  });

export const pgdLinf = pgd('linf', 8 / 255);
export const pgdL2 = pgd('l2', 0.5);

/**
 * The same in l1, where the steepest step is of one element: it is shared among the few that gain most, as in Tramèr, Boneh,
 * Adversarial training and robustness for multiple perturbations (arXiv 1904.13000). The projection is on ball and box together, as in
 * Croce, Hein, Mind the box: l1-APGD for sparse adversarial attacks on image classifiers (arXiv 2103.01208). What the box takes from a
 * step goes to the elements next in line, or steps would be spent on elements that the last projection took from their bounds.
 */
export const pgdL1 = attack({
  name: 'pgd-l1',
  family: 'l1',
  needs: 'gradients',
  paper:
    'Tramèr, Boneh, Adversarial training and robustness for multiple perturbations (arXiv 1904.13000); Croce, Hein, Mind the box: l1-APGD for sparse adversarial attacks on image classifiers (arXiv 2103.01208)',
  range: [0, 1],
  measure: 'l1',
  budget: 'eps',
  options: {
    eps: radius(12),
    share: { default: 0.01, about: 'share of the elements that a step changes', from: 0, to: 1 },
    ...options,
  },
  run(victim, settings) {
    const few = Math.max(1, Math.round(settings.share * victim.size));
    return descend(victim, settings, l1Geometry, (slope, change, low, high, length) =>
      sparseStep(slope, change, low, high, { length, few }),
    );
  },
});

interface Settings {
  readonly eps: number;
  readonly steps: number;
  readonly stepSize: number;
  readonly restarts: number;
  readonly randomStart: boolean;
  readonly loss: LossName;
}

/** Adds a step of that length to a change. @param low, high how far the box lets each element go. */
type Step = (slope: Float32Array, change: Float32Array, low: Float32Array, high: Float32Array, length: number) => void;

async function descend(
  victim: Victim,
  { eps, steps, stepSize, restarts, randomStart, loss }: Settings,
  { project, draw }: Pick<Geometry, 'project' | 'draw'>,
  add: Step,
): Promise<void> {
  const { x, lower, upper, size } = victim;
  const room = reachOf(victim);
  const [change, slope] = [new Float32Array(size), new Float32Array(size)];
  // the point that the change leads to, once the change is in the ball
  const settle = (row: number, point: Float32Array): void => {
    project(change, victim.budget(row, eps), rowAt(room.low, size, row), rowAt(room.high, size, row));
    for (let i = 0, at = row * size; i < size; i++, at++)
      point[i] = Math.min(upper[at], Math.max(lower[at], x[at] + change[i]));
  };
  const points = new Float32Array(x);
  for (let restart = 0; restart < (randomStart ? restarts : 1); restart++) {
    const rows = victim.all.filter((row) => !victim.found(row));
    for (const row of randomStart ? rows : []) {
      draw(victim.random(row, `start ${restart}`), victim.budget(row, eps), change);
      settle(row, rowAt(points, size, row));
    }
    await walk(victim, {
      objective: losses[loss].objective,
      steps,
      rows,
      points,
      move(row, point, gradient) {
        for (let i = 0, at = row * size; i < size; i++, at++) {
          change[i] = point[i] - x[at];
          slope[i] = -gradient[i];
        }
        const [low, high] = [rowAt(room.low, size, row), rowAt(room.high, size, row)];
        add(slope, change, low, high, stepSize * victim.budget(row, eps));
        settle(row, point);
      },
    });
  }
}
