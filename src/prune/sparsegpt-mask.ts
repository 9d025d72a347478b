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

/**
 * Weights that are zero at the start were removed before: they cost nothing to remove, and stay removed whatever else goes.
 * @param weight the matrix that the updates change in place.
 */
export function maskChooser(weight: MatrixStack, factors: Factors, selection: Selection, where: string): MaskChooser {
  const wasZero = Uint8Array.from(weight.data, (value) => (value === 0 ? 1 : 0));
  const { columns } = weight;
  const lossesOf: LossesOf = (from = 0, to = columns) => {
    const losses = lossOfRemoval(weight, factors, from, to);
    clearWhere(wasZero, columns, from, to, losses);
    return { ...weight, columns: to - from, data: losses };
  };
  const chooser = chooserOf(weight, factors, selection, where, lossesOf);
  return {
    ...chooser,
    block(from, to) {
      const kept = chooser.block(from, to);
      clearWhere(wasZero, columns, from, to, kept);
      return kept;
    },
  };
}

/** As `lossOfRemoval`, of the weights as they are by now. */
type LossesOf = (from?: number, to?: number) => MatrixStack;

function chooserOf(
  weight: MatrixStack,
  factors: Factors,
  selection: Selection,
  where: string,
  lossesOf: LossesOf,
): MaskChooser {
  if (selection.pattern.kind === 'n:m') return withinRows(weight, factors, selection, selection.pattern.m);
  if (selection.group === 'matrix' || selection.group === 'global')
    return beforehand(weight, selection, where, lossesOf);
  return selection.group === 'row' ? rowByRow(selection, lossesOf) : blockByBlock(selection, where, lossesOf);
}

/** @param part of the columns [from, to): 0 where `wasZero` is 1. */
function clearWhere(
  wasZero: Uint8Array,
  columns: number,
  from: number,
  to: number,
  part: Uint8Array | Float32Array,
): void {
  const width = to - from;
  for (let row = 0, at = 0; at < part.length; row++) {
    const start = row * columns + from;
    for (let j = 0; j < width; j++, at++) if (wasZero[start + j] === 1) part[at] = 0;
  }
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
    // what is cleared already was zero from the start
    for (let k = 0; k < m; k++) scores[k] = kept[at + k] === 0 ? 0 : w[i + k] * w[i + k] * factor[column + k];
    groupKept.fill(1);
    removeUnits(scores, 0, m, removal, groupKept);
    for (let k = 0; k < m; k++) if (groupKept[k] === 0) kept[at + k] = 0;
  };
  return { block: (from, to) => new Uint8Array(stacks * rows * (to - from)).fill(1), inRow };
}

/** The mask comes from the losses of the matrix as it is before any update. */
function beforehand(weight: MatrixStack, selection: Selection, where: string, lossesOf: LossesOf): MaskChooser {
  const { rows, stacks, columns } = weight;
  const { mask } = select(lossesOf(), selection, where);
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
function rowByRow({ pattern: spec, segment }: Selection, lossesOf: LossesOf): MaskChooser {
  const pattern = patternOf(spec);
  let units = 0;
  return {
    block(from, to) {
      const view = pattern.units(lossesOf(from, to), 'row', segment);
      const before = pattern.removal('row', units, 'exact').count;
      units += view.group;
      const count = pattern.removal('row', units, 'exact').count - before;
      return view.spread(keep(view.scores, view.group, { count }));
    },
  };
}

/** As published: all weights of a block compete, whatever their row. */
function blockByBlock(selection: Selection, where: string, lossesOf: LossesOf): MaskChooser {
  return {
    block(from, to) {
      return select(lossesOf(from, to), selection, where).mask;
    },
  };
}
