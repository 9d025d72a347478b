/** By how much a block turns what goes through it. */
import type { BlockCriterion } from './criterion.js';

/**
 * One minus the mean cosine between what goes past a block and what comes out, per token or position: Men, Xu, Zhang, Wang, Lin, Lu, Han,
 * Chen, ShortGPT: layers in large language models are more redundant than you expect (arXiv 2403.03853), equation 1.
 */
export const blockInfluence: BlockCriterion = {
  name: 'block-influence',
  description: 'one minus the mean cosine between what goes into a block and what comes out; needs inputs',
  paper:
    'Men, Xu, Zhang, Wang, Lin, Lu, Han, Chen, ShortGPT: layers in large language models are more redundant than you expect, arXiv 2403.03853',
  needs: ['cosines'],
  score: ({ cosines }) => cosines.map((cosine) => 1 - cosine),
};
