/** mi-fgsm: steps along the signs of the gradients so far, the older the less they count. */

import { crossEntropy } from '../oracle/objectives.js';
import { rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { signStep } from './sign-step.js';
import { walk } from './walk.js';

/**
 * Dong, Liao, Pang, Su, Zhu, Hu, Li, Boosting adversarial attacks with momentum (arXiv 1710.06081): equal steps whose sum is eps, each
 * along the signs of the sum of all gradients so far, every gradient divided by its l1 norm. An example is done at its first success.
 */
export const miFgsm = attack({
  name: 'mi-fgsm',
  family: 'linf',
  needs: 'gradients',
  paper: 'Dong, Liao, Pang, Su, Zhu, Hu, Li, Boosting adversarial attacks with momentum (arXiv 1710.06081)',
  range: [0, 1],
  measure: 'linf',
  budget: 'eps',
  options: {
    eps: { default: 16 / 255, about: 'largest change of an element, as a share of its range', from: 0 },
    steps: { default: 10, about: 'steps, each of eps / steps', from: 1, whole: true },
    decay: { default: 1, about: 'what is left of older gradients at each step', from: 0 },
  },
  async run(victim, { eps, steps, decay }) {
    const { size, x } = victim;
    const sums = new Float32Array(x.length);
    await walk(victim, {
      objective: crossEntropy,
      steps,
      rows: victim.all,
      points: new Float32Array(x),
      move(row, point, gradient) {
        let norm = 0;
        for (let i = 0; i < size; i++) norm += Math.abs(gradient[i]);
        const sum = rowAt(sums, size, row);
        for (let i = 0; i < size; i++) sum[i] = decay * sum[i] + (norm > 0 ? gradient[i] / norm : 0);
        const own = victim.budget(row, eps);
        signStep(victim, row, point, sum, { length: own / steps, eps: own });
      },
    });
  },
});
