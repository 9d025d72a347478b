/** fixMatch: sure guesses on a weak view label the strong one. */
import { logUniform, uniform } from '../../settings/index.js';
import { algorithm } from '../algorithm.js';
import { confident } from '../parts/confident.js';
import { utilisation } from '../parts/guesses.js';
import { warmed } from '../parts/schedules.js';
import { supervisedTerm } from '../parts/supervised-term.js';
import { crossEntropies, joined, largest, mean, rows } from '../parts/terms.js';

/**
 * Sohn et al., FixMatch (arXiv 2001.07685). For series the weak view is a little noise and the strong one RandAugment(2, 10), unless set
 * otherwise. Labelled, weak and strong series go through the network in one pass, so that BatchNormalization sees them all;
 * averaged weights are kept.
 */
export const fixMatch = algorithm({
  name: 'fixmatch',
  description: 'guesses on a weak view that are sure label a strong view of the same series',
  paper:
    'Sohn et al., FixMatch: simplifying semi-supervised learning with consistency and confidence (arXiv 2001.07685)',
  options: {
    threshold: {
      default: 0.95,
      about: 'probability below which a guess does not count',
      from: 0,
      search: uniform(0.5, 0.99),
    },
    weight: { default: 1, about: 'of the term of unlabelled series', from: 0, search: logUniform(0.1, 10) },
    decay: { default: 0.99, about: 'of the average of weights that is kept', from: 0, to: 0.99999 },
  },
  search: { view: 'strong' },
  keeps: 'teacher',
  folded: 'the same loss; the average is of weights alone, and has no statistics to wait for',
  async loss(scope, { threshold, weight, decay }, { weak, strong }) {
    const { g, sizes } = scope;
    const { labelled, unlabelled } = sizes;
    scope.teacher(warmed(decay));
    const all = joined(g, [scope.labelled(weak), scope.unlabelled(weak), scope.unlabelled(strong, 1)]);
    const { logits } = await scope.student(all);
    const { belief, counts } = confident(g, rows(g, logits, labelled, labelled + unlabelled), threshold);
    utilisation(scope, belief, counts);
    const entropies = crossEntropies(g, rows(g, logits, labelled + unlabelled, all.size), largest(g, belief));
    return {
      supervised: supervisedTerm(scope, rows(g, logits, 0, labelled), scope.labels),
      unlabelled: g.mul(g.scalar(weight), mean(g, g.mul(entropies, counts))),
    };
  },
});
