/** d_{2,0}: how many square patches hold a change, a count of group sparsity. Sadiku, Wagner, Pokutta, Group-wise sparse and explainable adversarial attacks (arXiv 2311.17434). */
import type { Space } from '../../oracle/space.js';

/** Side of a patch in the paper. */
export const patchSide = 8;

/**
 * Patches of `side` x `side` positions, at every place inside, that hold a non-zero element of any channel; along an axis shorter
 * than `side` a patch is as long as the axis, so that a series is cut into windows.
 */
export function patchesTouched(difference: Float32Array, space: Space, side = patchSide): number {
  const { channels, height, width, positions } = space;
  const [tall, wide] = [Math.min(side, height), Math.min(side, width)];
  // sums over rectangles from the corner: a patch is empty when its sum is 0
  const sums = new Int32Array((height + 1) * (width + 1));
  const at = (y: number, x: number): number => y * (width + 1) + x;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let isChanged = 0;
      for (let c = 0; c < channels && isChanged === 0; c++)
        if (difference[c * positions + y * width + x] !== 0) isChanged = 1;
      sums[at(y + 1, x + 1)] = isChanged + sums[at(y, x + 1)]! + sums[at(y + 1, x)]! - sums[at(y, x)]!;
    }
  }
  let count = 0;
  for (let y = 0; y + tall <= height; y++) {
    for (let x = 0; x + wide <= width; x++) {
      const inside = sums[at(y + tall, x + wide)]! - sums[at(y, x + wide)]! - sums[at(y + tall, x)]! + sums[at(y, x)]!;
      if (inside > 0) count++;
    }
  }
  return count;
}
