/** fullyLabelled: the labels that other methods are not told. */
import { logUniform } from '../../settings/index.js';
import { algorithm } from '../algorithm.js';
import { weightedEntropies } from '../parts/supervised-term.js';
import { joined } from '../parts/terms.js';

/** The upper bound of what unlabelled series are good for: every label that the data have is used, whatever the budget. */
export const fullyLabelled = algorithm({
  name: 'fully-labelled',
  description: 'cross-entropy of all series, also of those whose labels other methods are not told: an upper bound',
  options: {},
  needsUnlabelled: false,
  search: { rate: logUniform(1e-6, 1e-2) },
  folded: 'the same loss; there are no statistics to follow',
  async loss(scope, _, { augmented }) {
    const { g } = scope;
    const { logits } = await scope.student(joined(g, [scope.labelled(augmented), scope.unlabelled(augmented)]));
    const targets = g.concat([scope.labels, scope.truth], 0);
    const known = g.op('Max', [g.op('ReduceSum', [targets], { keepdims: 0 }), g.scalar(1)]);
    const sum = g.op('ReduceSum', [weightedEntropies(scope, logits, targets)], { keepdims: 0 });
    return { supervised: g.op('Div', [sum, known]) };
  },
});
