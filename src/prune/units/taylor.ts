/** By how much the loss would change without a unit, to first order. */
import { addByUnit, readsNothing, type UnitCriterion } from './criterion.js';

/**
 * First order: by how much the loss would change if a gate before the unit were closed, squared and summed over batches (Molchanov, Mallya,
 * Tyree, Frosio, Kautz, Importance estimation for neural network pruning, arXiv 1906.10771). The slope by the gate is the sum of w · dL/dw
 * over all weights that read the unit.
 */
export const taylor: UnitCriterion = {
  name: 'taylor',
  description: 'squared first-order change of the loss without the unit; needs labels or text',
  paper: 'Molchanov, Mallya, Tyree, Frosio, Kautz, Importance estimation for neural network pruning, arXiv 1906.10771',
  needs: ['slopes'],
  across: 'as they are',
  isGlobal: true,
  compensates: false,
  refuses: readsNothing,
  score({ count, holdings, slopesOf }) {
    const batches = slopesOf(holdings.reads[0]!.layer).length;
    const sums = new Float64Array(count);
    for (let batch = 0; batch < batches; batch++) {
      const slopes = new Float64Array(count);
      for (const { layer, unitOf } of holdings.reads) {
        const own = slopesOf(layer)[batch]!;
        addByUnit(slopes, unitOf, (column) => own[column]!);
      }
      for (const [unit, slope] of slopes.entries()) sums[unit]! += slope * slope;
    }
    return sums.map((sum) => sum / batches);
  },
};
