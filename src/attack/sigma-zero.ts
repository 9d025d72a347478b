/** sigma-zero: descent on a smooth count of changed elements, with a threshold that rises while the goal is reached and falls while it is not. */

import { carliniWagner } from '../oracle/objectives.js';
import { pick } from '../oracle/packed.js';
import { attack } from './attack.js';

/**
 * Cinà, Villani, Pintor, Schönherr, Biggio, Pelillo, sigma-zero: gradient-based optimization of l0-norm adversarial examples
 * (arXiv 2402.01879). The number of changed elements is smoothed to sum d^2 / (d^2 + sigma); it is added to the hinge of the logits,
 * the sum's gradient is scaled to a largest element of 1, and Adam steps along it. Then elements below a threshold go back to their
 * clean value, and the threshold moves.
 *
 * The step falls by a cosine to a tenth of the first, as in published code. Single elements are counted, not positions. An example
 * that one element fools is done.
 */
export const sigmaZero = attack({
  name: 'sigma-zero',
  family: 'sparse',
  needs: 'gradients',
  paper:
    'Cinà, Villani, Pintor, Schönherr, Biggio, Pelillo, sigma-zero: gradient-based optimization of l0-norm adversarial examples (arXiv 2402.01879)',
  range: [0, 1],
  measure: 'elements',
  options: {
    steps: { default: 1000, about: 'steps of descent', from: 1, whole: true },
    stepSize: { default: 1, about: 'first step of descent', from: 1e-12 },
    sigma: { default: 1e-3, about: 'square of the change that counts as half a changed element', from: 1e-12 },
    threshold: { default: 0.3, about: 'first threshold below which a change is undone', from: 0, to: 1 },
    thresholdStep: { default: 0.01, about: 'what the threshold moves by, in steps of descent', from: 0 },
  },
  async run(victim, { steps, stepSize, sigma, threshold, thresholdStep }) {
    const { size, x, lower, upper } = victim;
    const points = new Float32Array(x);
    // m, v: Adam's moments, of decay 0.9 and 0.999; tau: thresholds
    const [m, v] = [new Float32Array(x.length), new Float32Array(x.length)];
    const tau = new Float64Array(victim.count).fill(threshold);
    const rateAt = (step: number): number => stepSize * (0.1 + (0.9 * (1 + Math.cos((Math.PI * step) / steps))) / 2);
    let rows = victim.all;
    for (let step = 0; rows.length > 0; step++) {
      const [asked, at] = [rows, pick(points, size, rows)];
      if (step === steps) {
        await victim.scores(at, asked);
        return;
      }
      const { gradients, margins } = await victim.slopes(hinge, at, asked);
      rows = asked.filter((row) => victim.cost(row) > 1);
      const rate = rateAt(step) / (1 - 0.9 ** (step + 1));
      const correction = 1 / Math.sqrt(1 - 0.999 ** (step + 1));
      asked.forEach((row, j) => {
        const [from, to] = [row * size, j * size];
        const largest = addCount(gradients, points, x, from, to, size, sigma);
        tau[row] += (margins[j] < 0 ? 1 : -1) * thresholdStep * rateAt(step + 1);
        tau[row] = Math.min(1, Math.max(0, tau[row]));
        const least = tau[row];
        for (let i = 0; i < size; i++) {
          const k = from + i;
          const g = gradients[to + i] / largest;
          m[k] = 0.9 * m[k] + 0.1 * g;
          v[k] = 0.999 * v[k] + 0.001 * g * g;
          const moved = points[k] - (rate * m[k]) / (Math.sqrt(v[k]) * correction + 1e-8);
          const inside = Math.min(upper[k], Math.max(lower[k], moved));
          points[k] = Math.abs(inside - x[k]) < least ? x[k] : inside;
        }
      });
    }
  },
});

const hinge = carliniWagner();

/** Adds the gradient of the smoothed count's share of all elements. @returns the largest magnitude of the sum. */
function addCount(
  gradients: Float32Array,
  points: Float32Array,
  x: Float32Array,
  from: number,
  to: number,
  size: number,
  sigma: number,
): number {
  let largest = 1e-12;
  for (let i = 0; i < size; i++) {
    const d = points[from + i] - x[from + i];
    const root = d * d + sigma;
    if (d !== 0) gradients[to + i] += (2 * d * sigma) / (root * root * size);
    largest = Math.max(largest, Math.abs(gradients[to + i]));
  }
  return largest;
}
