/** The norm of all weights that hold a unit. */
import { addByUnit, overColumns, overRows, type UnitCriterion } from './criterion.js';

/**
 * The Euclidean norm of all weights that hold a unit, in every matrix, bias and norm that it lies in: Fang, Ma, Song, Mi, Wang, DepGraph:
 * towards any structural pruning (arXiv 2301.12900). Over groups, norms are taken over their group's mean, as there.
 */
export const magnitude: UnitCriterion = {
  name: 'magnitude',
  description: 'norm of all weights that hold the unit; needs no data',
  paper: 'Fang, Ma, Song, Mi, Wang, DepGraph: towards any structural pruning, arXiv 2301.12900',
  needs: [],
  across: 'over the mean',
  isGlobal: false,
  compensates: false,
  score({ count, holdings, matricesOf, valuesOf }) {
    const sums = new Float64Array(count);
    const square = (weight: number): number => weight * weight;
    for (const { layer, unitOf } of holdings.reads) {
      const columns = overRows(layer, matricesOf(layer), square);
      addByUnit(sums, unitOf, (column) => columns[column]!);
    }
    for (const { layer, unitOf } of holdings.makes) {
      const rows = overColumns(layer, matricesOf(layer), square);
      addByUnit(sums, unitOf, (row) => rows[row]!);
    }
    for (const other of holdings.others) {
      const values = valuesOf(other);
      addByUnit(sums, other.unitOf, (at) => square(values[at]!));
    }
    return sums.map(Math.sqrt);
  },
};
