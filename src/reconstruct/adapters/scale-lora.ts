/** ScaleLoRA: each weight times an entry of a low-rank matrix. */
import { lowRank } from './low-rank.js';

/** W ⊙ B A with B A = 1 at the start; alpha has no part in it. */
export const scaleLora = lowRank({
  name: 'scale-lora',
  description: 'low-rank factor of each weight, merged exactly',
  paper:
    'Zimmer, Andoni, Spiegel, Pokutta, PERP: rethinking the prune-retrain paradigm in the era of LLMs, arXiv 2312.15230',
  start: 'ones',
  weight: (g, { weight, product }) => g.mul(weight, product),
});
