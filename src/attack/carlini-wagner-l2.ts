/** carlini-wagner-l2: the squared l2 norm beside a weighed hinge of the logits, where a tanh keeps the point in the box. */

import { carliniWagner } from '../oracle/objectives.js';
import { pick } from '../oracle/packed.js';
import { attack } from './attack.js';
import { TanhSpace } from './tanh-space.js';
import type { Victim } from './victim.js';
import { WeightSearch } from './weight-search.js';

/**
 * Carlini, Wagner, Towards evaluating the robustness of neural networks (arXiv 1608.04644), the l2 attack. Minimises
 * |d|^2 + weight f(x + d), f the hinge of the logits, by Adam over w, where x + d = (1 + tanh w) / 2. The weight is searched.
 *
 * The published code lets a descent take 10,000 steps, and gives it up when the sum has not fallen by 0.01 % over a tenth of them.
 * The default here is 1000: on pictures of CIFAR-10, 5000 cost five times as much for changes half a percent shorter. The confidence,
 * by which the hinge may go on below 0, is left out: examples are kept by their distance, and with a confidence they would only be
 * worse.
 */
export const carliniWagnerL2 = attack({
  name: 'carlini-wagner-l2',
  family: 'l2',
  needs: 'gradients',
  paper: 'Carlini, Wagner, Towards evaluating the robustness of neural networks (arXiv 1608.04644)',
  range: [0, 1],
  measure: 'l2',
  options: {
    steps: { default: 1000, about: 'steps of one descent', from: 1, whole: true },
    stepSize: { default: 0.01, about: 'step of Adam, in the space of the tanh', from: 1e-12 },
    weight: { default: 1e-3, about: 'weight of the hinge that is tried first', from: 1e-12 },
    searchSteps: { default: 9, about: 'weights tried', from: 1, whole: true },
    giveUp: { default: true, about: 'whether a descent that no longer falls ends early' },
  },
  async run(victim, options) {
    const searches = victim.all.map(() => new WeightSearch(options.weight, 10));
    for (let search = 0; search < options.searchSteps; search++) {
      victim.progress = search / options.searchSteps;
      const fooled = await descend(
        victim,
        searches.map(({ weight }) => weight),
        options,
      );
      searches.forEach((each, row) => {
        each.tell(fooled.has(row));
      });
    }
  },
});

const hinge = carliniWagner();

interface Settings {
  readonly steps: number;
  readonly stepSize: number;
  readonly giveUp: boolean;
}

/** One descent of all examples from the clean ones. @returns those that reached the goal on the way. */
async function descend(
  victim: Victim,
  weights: readonly number[],
  { steps, stepSize, giveUp }: Settings,
): Promise<Set<number>> {
  const { size, x } = victim;
  const space = new TanhSpace(victim);
  // m, v: Adam's moments, of decay 0.9 and 0.999
  const [m, v] = [new Float32Array(x.length), new Float32Array(x.length)];
  const sums = new Float64Array(victim.count).fill(Number.POSITIVE_INFINITY);
  const fooled = new Set<number>();
  let rows = victim.all;
  for (let step = 0; step < steps && rows.length > 0; step++) {
    const { margins, gradients } = await victim.slopes(hinge, pick(space.points, size, rows), rows);
    const rate = stepSize / (1 - 0.9 ** (step + 1));
    const correction = 1 / Math.sqrt(1 - 0.999 ** (step + 1));
    const isTime = giveUp && step % Math.max(1, Math.floor(steps / 10)) === 0;
    rows = rows.filter((row, j) => {
      if (margins[j] < 0) fooled.add(row);
      const from = row * size;
      if (isTime) {
        let sum = weights[row] * Math.max(0, margins[j]);
        for (let i = from; i < from + size; i++) sum += space.change(i) ** 2;
        if (sum > 0.9999 * sums[row]) return false;
        sums[row] = sum;
      }
      for (let i = from, k = j * size; i < from + size; i++, k++) {
        const g = (2 * space.change(i) + weights[row] * gradients[k]) * space.slope(i);
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.999 * v[i] + 0.001 * g * g;
        if (m[i] !== 0) space.move(i, (-rate * m[i]) / (Math.sqrt(v[i]) * correction + 1e-8));
      }
      return true;
    });
  }
  if (rows.length > 0) {
    const { margins } = await victim.scores(pick(space.points, size, rows), rows);
    rows.forEach((row, j) => {
      if (margins[j] < 0) fooled.add(row);
    });
  }
  return fooled;
}
