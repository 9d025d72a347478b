/** pgd0: gradient descent that is brought back, after each step, to examples of at most k changed positions. */
import { keep } from '../masks/select.js';
import { crossEntropy } from '../oracle/objectives.js';
import { rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import type { Victim } from './victim.js';
import { walk } from './walk.js';

/**
 * Croce, Hein, Sparse and imperceivable adversarial attacks (arXiv 1909.05040), PGD_0. Steps along the gradient of the cross-entropy,
 * of l1 norm `stepSize`, from a random example, each followed by the projection on at most k positions in the box. An example is done
 * at its first success.
 *
 * Published code adds noise of 1e-12 to each step, to break ties of the projection: it vanishes in float32 and is left out, the first
 * of equal positions stays. The default budgets are the shares of the images that comparisons gave it.
 */
export const pgd0 = attack({
  name: 'pgd0',
  family: 'sparse',
  needs: 'gradients',
  paper: 'Croce, Hein, Sparse and imperceivable adversarial attacks (arXiv 1909.05040)',
  range: [-1, 1],
  measure: 'l0',
  budget: 'k',
  options: {
    k: { default: 90, about: 'positions that may change', from: 1, whole: true },
    restarts: { default: 5, about: 'random examples to start from', from: 1, whole: true },
    steps: { default: 200, about: 'steps from each', from: 1, whole: true },
    stepSize: { default: 120000 / 255, about: 'l1 norm of a step', from: 1e-12 },
  },
  // 90 of 32 x 32 and 6600 of 256 x 256
  defaults: ({ positions }) => ({ k: Math.ceil(positions * (positions > 64 * 64 ? 0.1007 : 0.0878)) }),
  async run(victim, { k, restarts, steps, stepSize }) {
    const { size, x } = victim;
    const points = new Float32Array(x.length);
    const move = (row: number, point: Float32Array, gradient: Float32Array): void => {
      descend(point, gradient, stepSize);
      project(victim, row, victim.budget(row, k), point);
    };
    for (let restart = 0; restart < restarts; restart++) {
      const rows = victim.all.filter((row) => !victim.found(row));
      for (const row of rows) {
        const point = rowAt(points, size, row);
        point.set(anywhere(victim, row, victim.random(row, `start ${restart}`).uniforms(size)));
        project(victim, row, victim.budget(row, k), point);
      }
      await walk(victim, { objective: crossEntropy, steps, rows, points, move });
    }
  },
});

/** @param uniform in [0, 1): the share of the way from the lower to the upper bound. */
function anywhere({ lower, upper, size }: Victim, row: number, uniform: Float32Array): Float32Array {
  const from = row * size;
  return uniform.map((share, i) => lower[from + i] + share * (upper[from + i] - lower[from + i]));
}

function descend(point: Float32Array, gradient: Float32Array, stepSize: number): void {
  let norm = 1e-10;
  for (let i = 0; i < gradient.length; i++) norm += Math.abs(gradient[i]);
  for (let i = 0; i < gradient.length; i++) point[i] -= (stepSize * gradient[i]) / norm;
}

/**
 * The nearest example to `moved`, which it overwrites, that lies in the box and differs from the clean one in at most k positions:
 * those stay that bring it nearest, |d|^2 less the squared distance of d to the box being what a position with change d gains.
 */
function project(victim: Victim, row: number, k: number, moved: Float32Array): void {
  const { x, lower, upper, size } = victim;
  const { positions } = victim.space;
  const from = row * size;
  const gains = new Float32Array(positions);
  for (let i = 0, p = 0; i < size; i++, p = p + 1 === positions ? 0 : p + 1) {
    const change = moved[i] - x[from + i];
    const inside = Math.min(upper[from + i], Math.max(lower[from + i], moved[i]));
    const outside = moved[i] - inside;
    gains[p] += change * change - outside * outside;
    moved[i] = inside;
  }
  if (k >= positions) return;
  const kept = keep(gains, positions, { count: positions - k });
  for (let i = 0, p = 0; i < size; i++, p = p + 1 === positions ? 0 : p + 1) if (kept[p] === 0) moved[i] = x[from + i];
}
