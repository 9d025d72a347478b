/** MaskLoRA: a low-rank change, masked all the time. */
import { lowRank } from './low-rank.js';

/** W + s M ⊙ B A. */
export const maskLora = lowRank({
  name: 'mask-lora',
  description: 'masked low-rank change of each layer, merged exactly',
  paper:
    'Zimmer, Andoni, Spiegel, Pokutta, PERP: rethinking the prune-retrain paradigm in the era of LLMs, arXiv 2312.15230',
  start: 'zeros',
  weight: (g, { weight, mask, scaled }) => g.add(weight, g.mul(mask, scaled)),
});
