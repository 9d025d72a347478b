/** Wanda for whole units: weights that read them times what they give. */
import { addByUnit, overRows, readsNothing, type UnitCriterion } from './criterion.js';

/**
 * Wanda-sp, the structured baseline of An, Zhao, Yu, Tang, Wang, Fluctuation-based adaptive structured pruning for large language models
 * (arXiv 2312.11983): the mean over outputs of |w| times the norm of its input, of a unit's columns added up. The norm is over samples,
 * √(Σ x² / n), as in Sun et al. (arXiv 2306.11695).
 */
export const wandaSp: UnitCriterion = {
  name: 'wanda-sp',
  description: 'weights that read the unit times the norm of what it gives',
  paper:
    'An, Zhao, Yu, Tang, Wang, Fluctuation-based adaptive structured pruning for large language models, arXiv 2312.11983',
  needs: ['columnNorm'],
  across: 'over the mean',
  isGlobal: false,
  compensates: false,
  refuses: readsNothing,
  score({ count, holdings, matricesOf, statisticsOf }) {
    const sums = new Float64Array(count);
    for (const { layer, unitOf } of holdings.reads) {
      const { columnNorm, samples } = statisticsOf(layer);
      const weights = overRows(layer, matricesOf(layer), Math.abs);
      addByUnit(
        sums,
        unitOf,
        (column) => (weights[column]! / layer.layout.rows) * Math.sqrt(columnNorm![column]! / samples),
      );
    }
    return sums;
  },
};
