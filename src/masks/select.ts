/** From scores to a mask: the smallest of each group go, ties by index. */
import { UserError } from '../errors.js';
import type { MatrixStack } from '../tensor/matrix.js';
import { type Group, type PatternSpec, patternOf, type Removal, type SelectionRule } from './patterns.js';
import { ranked } from './rank.js';

export interface Selection {
  readonly pattern: PatternSpec;
  readonly group: Group;
  readonly rule: SelectionRule;
  /** Units to remove from the whole tensor instead of the pattern's fraction: what `globalCounts` gave this layer. */
  readonly remove?: number;
  /** Consecutive columns that belong together, see `Pattern.units`. */
  readonly segment?: number;
}

export interface Selected {
  /** 1 where kept, [stacks * rows * columns]. */
  readonly mask: Uint8Array;
  /** Weights removed. */
  readonly removed: number;
  readonly notes: readonly string[];
}

/**
 * Marks what a pattern removes. The pattern must fit (`Pattern.fits`).
 * @param where what messages start with.
 * @throws UserError when a score is not finite, or when the group is `global` and no count is given.
 */
export function select(scores: MatrixStack, selection: Selection, where: string): Selected {
  checkFinite(scores.data, scores.columns, where, 'score');
  const { pattern: spec, group, rule, segment } = selection;
  const pattern = patternOf(spec);
  const units = pattern.units(scores, group, segment);
  const removal = removalOf(selection, pattern.removal(group, units.group, rule), where);
  const mask = units.spread(keep(units.scores, units.group, removal));
  const left = pattern.leftover(scores, segment);
  return { mask, removed: zerosIn(mask), notes: left === null ? [] : [left] };
}

/** 0 for the units that `removal` takes from each group of `size`, 1 for the others. */
export function keep(scores: Float32Array, size: number, removal: Removal): Uint8Array {
  const kept = new Uint8Array(scores.length).fill(1);
  if (size === 0) return kept;
  for (let from = 0; from < scores.length; from += size) removeUnits(scores, from, size, removal, kept);
  return kept;
}

export function zerosIn(mask: Uint8Array): number {
  let zeros = 0;
  for (let i = 0; i < mask.length; i++) zeros += 1 - mask[i];
  return zeros;
}

function removalOf({ pattern, group, remove }: Selection, otherwise: Removal, where: string): Removal {
  if (group !== 'global' || pattern.kind === 'n:m') return otherwise;
  if (remove === undefined) {
    throw new UserError(
      where,
      "expected the number of weights to remove for the group 'global', got none; count over all layers first",
    );
  }
  return { count: remove };
}

/** Clears in `kept` what `removal` takes from the units [from, from + size); all of them are set before. */
export function removeUnits(
  scores: Float32Array,
  from: number,
  size: number,
  removal: Removal,
  kept: Uint8Array,
): void {
  const { count, through } = removal;
  if (through) {
    const { value } = ranked(scores, from, size, Math.min(count, size - 1));
    for (let i = from; i < from + size; i++) if (scores[i] <= value) kept[i] = 0;
  } else if (count >= size) {
    kept.fill(0, from, from + size);
  } else if (size <= 32) {
    removeByScanning(scores, from, size, count, kept);
  } else if (count > 0) {
    const { value, below } = ranked(scores, from, size, count - 1);
    let ties = count - below;
    for (let i = from; i < from + size; i++) {
      if (scores[i] < value || (scores[i] === value && ties-- > 0)) kept[i] = 0;
    }
  }
}

/** For the small groups of n:m, where sorting costs more than looking `count` times. */
function removeByScanning(scores: Float32Array, from: number, size: number, count: number, kept: Uint8Array): void {
  for (let round = 0; round < count; round++) {
    let least = -1;
    for (let i = from; i < from + size; i++) {
      if (kept[i] === 1 && (least < 0 || scores[i] < scores[least])) least = i;
    }
    kept[least] = 0;
  }
}

/** @throws UserError naming the first of the values (`what`) that is NaN or infinite. */
export function checkFinite(values: Float32Array | Float64Array, columns: number, where: string, what: string): void {
  for (let i = 0; i < values.length; i++) {
    // the difference is NaN for NaN and for both infinities
    if (values[i] - values[i] !== 0) {
      const place = `row ${Math.floor(i / columns)}, column ${i % columns}`;
      throw new UserError(
        where,
        `the ${what} at ${place} is ${values[i]}; look for NaN or overflow in the model and the calibration data`,
      );
    }
  }
}
