/** piModel: two looks at one series should agree. */
import { logUniform, uniform } from '../../settings/index.js';
import { algorithm } from '../algorithm.js';
import { utilisation } from '../parts/guesses.js';
import { sigmoidRamp } from '../parts/schedules.js';
import { supervisedTerm } from '../parts/supervised-term.js';
import { joined, rows, softmax, squaredDistance } from '../parts/terms.js';

/** Laine, Aila, Temporal ensembling for semi-supervised learning (arXiv 1610.02242), section 2.1. */
export const piModel = algorithm({
  name: 'pi-model',
  description: 'squared distance between the probabilities of two views of one series',
  paper: 'Laine, Aila, Temporal ensembling for semi-supervised learning (arXiv 1610.02242)',
  options: {
    weight: { default: 50, about: 'of the agreement, once it is ramped up', from: 0, search: logUniform(4, 100) },
    rampUp: {
      default: 0.4,
      about: 'share of the steps over which that weight rises',
      from: 0,
      to: 1,
      search: uniform(0.1, 1),
    },
  },
  // it learns from differences between views
  usual: { augment: 'mag-noise:0.1' },
  folded: 'the same loss; without noise from batches the two views differ by augmentation and Dropout alone',
  async loss(scope, { weight, rampUp }, { augmented }) {
    const { g, sizes } = scope;
    const look = async (copy: number) =>
      (await scope.student(joined(g, [scope.labelled(augmented, copy), scope.unlabelled(augmented, copy)]))).logits;
    const [one, other] = [await look(0), await look(1)];
    const belief = softmax(g, one);
    utilisation(scope, rows(g, belief, sizes.labelled, sizes.labelled + sizes.unlabelled));
    const ramp = scope.factor('agreement weight', sigmoidRamp(weight, rampUp));
    return {
      supervised: supervisedTerm(scope, rows(g, one, 0, sizes.labelled), scope.labels),
      agreement: g.mul(ramp, squaredDistance(g, belief, softmax(g, other))),
    };
  },
});
