/** Which weights SparseGPT removes, and when it decides: beforehand, block by block, or within the row. */
import { patternOf } from '../masks/patterns.js';
import { keep, removeUnits, type Selection, select } from '../masks/select.js';
import type { MatrixStack } from '../tensor/matrix.js';
import type { Factors } from './inverse-factors.js';
import { inverseSquaredDiagonal, lossOfRemoval, type RowChooser } from './optimal-update.js';

export interface MaskChooser {
  /** 1 where kept, [stacks * rows, to - from]; asked block by block from the left, after the block received its updates. */
  block(from: number, to: number): Uint8Array;
  /** Decides later, inside the rows. */
  readonly inRow?: RowChooser;
}

/** @param weight the matrix that the updates change in place. */
export function maskChooser(weight: MatrixStack, factors: Factors, selection: Selection, where: string): MaskChooser {
  if (selection.pattern.kind === 'n:m') return withinRows(weight, factors, selection, selection.pattern.m);
  if (selection.group === 'matrix' || selection.group === 'global')
    return beforehand(weight, factors, selection, where);
  return selection.group === 'row'
    ? rowByRow(weight, factors, selection)
    : blockByBlock(weight, factors, selection, where);
}

/** A group of m is decided when its first column is reached, on weights that made up for all columns before. */
function withinRows(
  weight: MatrixStack,
  factors: Factors,
  { pattern, rule, segment }: Selection,
  m: number,
): MaskChooser {
  const { stacks, rows, columns } = weight;
  const removal = patternOf(pattern).removal('row', m, rule);
  const length = segment ?? columns;
  const inverse = Array.from({ length: stacks }, (_, stack) => inverseSquaredDiagonal(factors, stack, columns));
  const scores = new Float32Array(m);
  const groupKept = new Uint8Array(m);
  const inRow: RowChooser = (w, i, stack, column, kept, at) => {
    const place = column % length;
    if (place % m !== 0 || place + m > length) return;
    const factor = inverse[stack] as Float64Array;
    for (let k = 0; k < m; k++) scores[k] = w[i + k] * w[i + k] * factor[column + k];
    groupKept.fill(1);
    removeUnits(scores, 0, m, removal, groupKept);
    kept.set(groupKept, at);
  };
  return { block: (from, to) => new Uint8Array(stacks * rows * (to - from)).fill(1), inRow };
}

/** The mask comes from the losses of the matrix as it is before any update. */
function beforehand(weight: MatrixStack, factors: Factors, selection: Selection, where: string): MaskChooser {
  const { rows, stacks, columns } = weight;
  const { mask } = select({ ...weight, data: lossOfRemoval(weight, factors) }, selection, where);
  return {
    block(from, to) {
      const width = to - from;
      const kept = new Uint8Array(stacks * rows * width);
      for (let row = 0; row < stacks * rows; row++) {
        kept.set(mask.subarray(row * columns + from, row * columns + to), row * width);
      }
      return kept;
    },
  };
}

/** Each row of a block loses what keeps the row's running total at floor(sparsity * units so far). */
function rowByRow(weight: MatrixStack, factors: Factors, { pattern: spec, segment }: Selection): MaskChooser {
  const { stacks, rows } = weight;
  const pattern = patternOf(spec);
  let units = 0;
  return {
    block(from, to) {
      const losses = { stacks, rows, columns: to - from, data: lossOfRemoval(weight, factors, from, to) };
      const view = pattern.units(losses, 'row', segment);
      const before = pattern.removal('row', units, 'exact').count;
      units += view.group;
      const count = pattern.removal('row', units, 'exact').count - before;
      return view.spread(keep(view.scores, view.group, { count }));
    },
  };
}

/** As published: all weights of a block compete, whatever their row. */
function blockByBlock(weight: MatrixStack, factors: Factors, selection: Selection, where: string): MaskChooser {
  const { stacks, rows } = weight;
  return {
    block(from, to) {
      const losses = { stacks, rows, columns: to - from, data: lossOfRemoval(weight, factors, from, to) };
      return select(losses, selection, where).mask;
    },
  };
}
