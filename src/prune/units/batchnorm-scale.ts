/** The scale of a BatchNormalization: how much of a channel goes on. */
import { addByUnit, type UnitCriterion } from './criterion.js';

/** |γ| of the BatchNormalization that a channel goes through, of several added up. */
export const batchnormScale: UnitCriterion = {
  name: 'batchnorm-scale',
  description: 'scale of the BatchNormalization that the channel goes through; needs no data',
  paper:
    'Liu, Li, Shen, Huang, Yan, Zhang, Learning efficient convolutional networks through network slimming, arXiv 1708.06519',
  needs: [],
  across: 'as they are',
  isGlobal: true,
  compensates: false,
  refuses: ({ scales }) => (scales.length === 0 ? 'no BatchNormalization scales them' : undefined),
  score({ count, scales, valuesOf }) {
    const sums = new Float64Array(count);
    for (const scale of scales) {
      const values = valuesOf(scale);
      addByUnit(sums, scale.unitOf, (at) => Math.abs(values[at]!));
    }
    return sums;
  },
};
