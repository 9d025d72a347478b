/** Change: how an adversarial example differs from its clean one, in figures that can be compared across models. */
import type { Bounds } from '../../oracle/bounds.js';
import type { Space } from '../../oracle/space.js';
import { changedMask } from './changed-mask.js';
import { clusters } from './clusters.js';
import { patchesTouched } from './patches.js';

/**
 * Every element is scaled so that its bounds are 0 and 1: a distance in [-1, 1] is twice as long. Counts are exact, of what is not
 * equal; `coarse` ones leave out what moved by less than half a level of 255, which eight bits do not tell.
 */
export interface Change {
  /** Positions that changed in any channel: l0. */
  readonly positions: number;
  readonly elements: number;
  /** Groups of changed positions that touch along the axes. */
  readonly clusters: number;
  /** Patches of 8 x 8 positions that hold a change. */
  readonly d20: number;
  readonly l1: number;
  readonly l2: number;
  readonly linf: number;
  readonly coarsePositions: number;
  readonly coarseElements: number;
  readonly coarseClusters: number;
  readonly coarseD20: number;
}

export type ChangeFigure = keyof Change;

export const changeFigures = [
  'positions',
  'elements',
  'clusters',
  'd20',
  'l1',
  'l2',
  'linf',
  'coarsePositions',
  'coarseElements',
  'coarseClusters',
  'coarseD20',
] as const satisfies readonly ChangeFigure[];

/** Half a level of eight bits. */
export const coarse = 0.5 / 255;

/** @param adversarial and @param clean in the input's units, [channels, positions]. */
export function changeOf(adversarial: Float32Array, clean: Float32Array, bounds: Bounds, space: Space): Change {
  const difference = scaledDifference(adversarial, clean, bounds);
  const rough = difference.map((value) => (Math.abs(value) < coarse ? 0 : value));
  let [l1, squares, linf] = [0, 0, 0];
  for (const value of difference) {
    const size = Math.abs(value);
    l1 += size;
    squares += size * size;
    linf = Math.max(linf, size);
  }
  const [all, some] = [countsOf(difference, space), countsOf(rough, space)];
  return {
    ...all,
    l1,
    l2: Math.sqrt(squares),
    linf,
    coarsePositions: some.positions,
    coarseElements: some.elements,
    coarseClusters: some.clusters,
    coarseD20: some.d20,
  };
}

/** Adversarial less clean with every element's bounds at 0 and 1; 0 exactly where they are equal. */
export function scaledDifference(
  adversarial: Float32Array,
  clean: Float32Array,
  { lower, upper }: Bounds,
): Float32Array {
  return adversarial.map((value, i) => {
    const room = upper[i]! - lower[i]!;
    return value === clean[i] || room === 0 ? 0 : (value - clean[i]!) / room;
  });
}

function countsOf(difference: Float32Array, space: Space) {
  const mask = changedMask(difference, space);
  return {
    positions: mask.reduce((sum, isChanged) => sum + isChanged, 0),
    elements: difference.reduce((sum, value) => sum + Number(value !== 0), 0),
    clusters: clusters(mask, space),
    d20: patchesTouched(difference, space),
  };
}
