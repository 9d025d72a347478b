/** SPP: each weight changes in proportion to itself, by a low-rank matrix. */
import { lowRank } from './low-rank.js';

/** W + s W ⊙ B A. The mask is that of the task: a kept weight that is zero by chance is not taken for a removed one. */
export const spp = lowRank({
  name: 'spp',
  description: 'change of each weight in proportion to itself, low-rank, merged exactly',
  paper:
    'Lu et al., SPP: sparsity-preserved parameter-efficient fine-tuning for large language models, arXiv 2405.16057',
  start: 'zeros',
  weight: (g, { weight, scaled }) => g.add(weight, g.mul(weight, scaled)),
});
