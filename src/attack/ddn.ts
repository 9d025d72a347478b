/** ddn: the direction of a change follows the gradient, its norm whether it suffices. */

import { crossEntropy } from '../oracle/objectives.js';
import { rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { euclidean, pointsAt, reachOf } from './norm-balls.js';

/**
 * Rony, Hafemann, Oliveira, Ben Ayed, Sabourin, Granger, Decoupling direction and norm for efficient gradient-based L2 adversarial
 * attacks and defenses (arXiv 1811.09600). The change takes a step along the normalised gradient of the cross-entropy and is then set
 * to a norm that shrinks after a success and grows after a failure.
 *
 * Where the cross-entropy is so flat that its gradient is zero, the step is one at random. Rounding to levels, which the paper has in
 * each step, is an option here: what is stored is rounded and judged anyway.
 */
export const ddn = attack({
  name: 'ddn',
  family: 'l2',
  needs: 'gradients',
  paper:
    'Rony, Hafemann, Oliveira, Ben Ayed, Sabourin, Granger, Decoupling direction and norm for efficient gradient-based L2 adversarial attacks and defenses (arXiv 1811.09600)',
  range: [0, 1],
  measure: 'l2',
  options: {
    steps: { default: 100, about: 'steps', from: 1, whole: true },
    gamma: { default: 0.05, about: 'share by which the norm shrinks and grows', from: 1e-6, to: 0.999 },
    radius: { default: 1, about: 'norm of the change at the start', from: 1e-12 },
    stepSize: { default: 1, about: 'first step along the gradient; it falls to a hundredth', from: 1e-12 },
    levels: { default: 0, about: 'values an element may take, such as 256; 0 for any', from: 0, whole: true },
  },
  async run(victim, { steps, gamma, radius, stepSize, levels }) {
    const { size, x, all } = victim;
    const { low, high } = reachOf(victim);
    const changes = new Float32Array(x.length);
    const radii = new Float64Array(victim.count).fill(radius);
    for (let step = 0; step < steps; step++) {
      victim.progress = step / steps;
      const points = pointsAt(victim, changes, all);
      const { margins, gradients } = await victim.slopes(crossEntropy, points, all);
      // cosine annealing
      const alpha = stepSize * (0.01 + (0.99 * (1 + Math.cos((Math.PI * step) / steps))) / 2);
      for (const row of all) {
        const [change, slope] = [rowAt(changes, size, row), rowAt(gradients, size, row)];
        const isFlat = euclidean(slope) === 0;
        const along = isFlat ? victim.random(row, `step ${step}`).normals(size) : slope;
        const scale = alpha / euclidean(along);
        for (let i = 0; i < size; i++) change[i] -= scale * along[i];
        radii[row] *= margins[row] < 0 ? 1 - gamma : 1 + gamma;
        stretch(change, radii[row], levels, rowAt(low, size, row), rowAt(high, size, row));
      }
    }
    await victim.scores(pointsAt(victim, changes, all), all);
  },
});

/** A change brought to a norm, rounded to levels and clipped to the box, in place. */
function stretch(change: Float32Array, radius: number, levels: number, low: Float32Array, high: Float32Array): void {
  const length = euclidean(change);
  const scale = length > 0 ? radius / length : 0;
  for (let i = 0; i < change.length; i++) {
    const wished = change[i] * scale;
    const rounded = levels > 1 ? Math.round(wished * (levels - 1)) / (levels - 1) : wished;
    change[i] = Math.min(high[i], Math.max(low[i], rounded));
  }
}
