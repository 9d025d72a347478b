/** LoRA: a low-rank change beside each layer, which stays there. */
import { refusesBeside } from '../beside.js';
import { lowRank } from './low-rank.js';

/** W + s B A. It has no zeros, so it is never merged: `addBeside` puts it into the model as nodes. */
export const lora = lowRank({
  name: 'lora',
  description: 'low-rank change beside each layer, kept as added nodes',
  paper: 'Hu et al., LoRA: low-rank adaptation of large language models, arXiv 2106.09685',
  staysBeside: 'merging it would fill the zeros of the masks; keep its nodes, or take mask-lora',
  start: 'zeros',
  weight: (g, { weight, scaled }) => g.add(weight, scaled),
  refuses: refusesBeside,
});
