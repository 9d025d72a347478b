/** chooseBlocks: which blocks stay, by their scores and how many are to go. */

/** @param sparsity in [0, 1]: of the blocks, to the nearest whole number. @returns 1 where a block stays; of equal ones the last go. */
export function chooseBlocks(scores: Float64Array, sparsity: number): Uint8Array {
  const going = Math.round(sparsity * scores.length);
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]! || b - a);
  const living = new Uint8Array(scores.length).fill(1);
  for (const block of order.slice(0, going)) living[block] = 0;
  return living;
}
