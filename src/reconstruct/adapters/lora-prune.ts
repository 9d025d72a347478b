/** LoRA-Prune: trained as LoRA is, and masked when it is merged. */
import { lowRank } from './low-rank.js';

/** While it is trained the region computes with W + s B A; merged with W + s M ⊙ B A, which is why it is judged again after. */
export const loraPrune = lowRank({
  name: 'lora-prune',
  description: 'low-rank change of each layer, masked only when it is merged',
  paper:
    'Zimmer, Andoni, Spiegel, Pokutta, PERP: rethinking the prune-retrain paradigm in the era of LLMs, arXiv 2312.15230',
  start: 'zeros',
  weight: (g, { weight, scaled }) => g.add(weight, scaled),
  merged: (g, { weight, mask, scaled }) => g.add(weight, g.mul(mask, scaled)),
});
