/** How far a converted weight is from what it was. */

export interface WeightError {
  /** ‖W - Ŵ‖ / ‖W‖; 0 for a weight of zeros that stayed one. */
  readonly relative: number;
  /** The largest |w - ŵ|. */
  readonly largest: number;
}

export function weightError(before: Float32Array, after: Float32Array): WeightError {
  let [squares, lost, largest] = [0, 0, 0];
  for (let i = 0; i < before.length; i++) {
    const difference = Math.abs(before[i]! - after[i]!);
    squares += before[i]! ** 2;
    lost += difference ** 2;
    if (difference > largest) largest = difference;
  }
  return { relative: lost === 0 ? 0 : Math.sqrt(lost / squares), largest };
}
