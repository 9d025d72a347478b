/** supervised: the labelled series alone. */
import { logUniform } from '../../settings/index.js';
import { algorithm } from '../algorithm.js';
import { supervisedTerm } from '../parts/supervised-term.js';

/** The lower bound of what unlabelled series are good for; Wang, Yan, Oates (arXiv 1611.06455) for the FCN. */
export const supervised = algorithm({
  name: 'supervised',
  description: 'cross-entropy of the labelled series; unlabelled ones are not used',
  paper: 'Wang, Yan, Oates, Time series classification from scratch with deep neural networks (arXiv 1611.06455)',
  options: {},
  needsUnlabelled: false,
  search: { rate: logUniform(1e-6, 1e-2) },
  folded: 'the same loss; there are no statistics to follow',
  async loss(scope, _, { augmented }) {
    const { logits } = await scope.student(scope.labelled(augmented));
    return { supervised: supervisedTerm(scope, logits, scope.labels) };
  },
});
