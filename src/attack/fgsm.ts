/** fgsm: one step of the same length for all elements, along the signs of the gradient. */

import { crossEntropy } from '../oracle/objectives.js';
import { attack } from './attack.js';
import { signStep } from './sign-step.js';
import { walk } from './walk.js';

/**
 * Goodfellow, Shlens, Szegedy, Explaining and harnessing adversarial examples (arXiv 1412.6572), the fast gradient sign method.
 * Targeted, the step goes down the cross-entropy of the target. The paper's eps are 0.25 for MNIST, 0.1 for CIFAR-10 and 0.007 for
 * ImageNet; the default is what later comparisons agreed on.
 */
export const fgsm = attack({
  name: 'fgsm',
  family: 'linf',
  needs: 'gradients',
  paper: 'Goodfellow, Shlens, Szegedy, Explaining and harnessing adversarial examples (arXiv 1412.6572)',
  range: [0, 1],
  measure: 'linf',
  budget: 'eps',
  options: {
    eps: { default: 8 / 255, about: 'largest change of an element, as a share of its range', from: 0 },
  },
  run: (victim, { eps }) =>
    walk(victim, {
      objective: crossEntropy,
      steps: 1,
      rows: victim.all,
      points: new Float32Array(victim.x),
      move(row, point, gradient) {
        const own = victim.budget(row, eps);
        signStep(victim, row, point, gradient, { length: own, eps: own });
      },
    }),
});
