/** pseudoLabel: the class that is likeliest now is taken for the label. */
import { logUniform, uniform } from '../../settings/index.js';
import { algorithm } from '../algorithm.js';
import { confident } from '../parts/confident.js';
import { utilisation } from '../parts/guesses.js';
import { linearRamp } from '../parts/schedules.js';
import { supervisedTerm } from '../parts/supervised-term.js';
import { crossEntropies, joined, largest, mean, rows } from '../parts/terms.js';

/** Lee, Pseudo-label: the simple and efficient semi-supervised learning method for deep neural networks (ICML workshop 2013). */
export const pseudoLabel = algorithm({
  name: 'pseudo-label',
  description: 'cross-entropy with the class that the network itself finds likeliest',
  paper: 'Lee, Pseudo-label, ICML 2013 workshop on challenges in representation learning',
  options: {
    weight: {
      default: 1,
      about: 'of the term of unlabelled series, once it is ramped up',
      from: 0,
      search: logUniform(0.1, 10),
    },
    rampUp: { default: 0.5, about: 'share of the steps over which that weight rises, linearly', from: 0, to: 1 },
    threshold: {
      default: 0,
      about: 'probability below which a guess does not count',
      from: 0,
      search: uniform(0, 0.99),
    },
  },
  folded: 'the same loss; labelled and unlabelled series need no common statistics',
  async loss(scope, { weight, rampUp, threshold }, { augmented }) {
    const { g, sizes } = scope;
    const { logits } = await scope.student(joined(g, [scope.labelled(augmented), scope.unlabelled(augmented)]));
    const own = rows(g, logits, sizes.labelled, sizes.labelled + sizes.unlabelled);
    const { counts, belief } = confident(g, own, threshold);
    utilisation(scope, belief, counts);
    const entropies = g.mul(crossEntropies(g, own, largest(g, belief)), counts);
    return {
      supervised: supervisedTerm(scope, rows(g, logits, 0, sizes.labelled), scope.labels),
      unlabelled: g.mul(scope.factor('unlabelled weight', linearRamp(weight, rampUp)), mean(g, entropies)),
    };
  },
});
