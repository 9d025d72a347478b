/** post-hoc: counterfactuals brought back towards their instances, feature by feature, once they are found. */
import { rowAt } from '../../oracle/packed.js';
import type { Case } from '../case.js';

/** Steps of the way back. */
const steps = 10;

/**
 * From the feature that changes least on, each one is moved back in equal steps as far as the goal holds at every one of them, and is
 * left there; at the last step it is as it was. Mothilal, Sharma, Tan (arXiv 1905.07697), with the linear search.
 * @param points packed as `rows`, all of which reach the goal; several may stand for one instance.
 * @param most an element's change may be to be moved back, [size].
 * @returns where the points end.
 */
export async function moveBack(
  asked: Case,
  points: Float32Array,
  rows: readonly number[],
  most: Float32Array,
): Promise<Float32Array> {
  const { size } = asked;
  const made = points.slice();
  const orders = rows.map((row, j) => smallChanges(asked, rowAt(made, size, j), row, most));
  for (let k = 0; ; k++) {
    const open = [...rows.keys()].filter((j) => orders[j]!.length > k);
    if (open.length === 0) return made;
    const tried = new Float32Array(open.length * steps * size);
    open.forEach((j, i) => {
      for (let step = 0; step < steps; step++) {
        const out = rowAt(tried, size, i * steps + step);
        towards(asked, rowAt(made, size, j), rows[j]!, orders[j]![k]!, (step + 1) / steps, out);
      }
    });
    const { margins, points: found } = await asked.propose(
      tried,
      open.flatMap((j) => Array<number>(steps).fill(rows[j]!)),
    );
    open.forEach((j, i) => {
      let reached = 0;
      while (reached < steps && margins[i * steps + reached]! < 0) reached++;
      if (reached > 0) made.set(rowAt(found, size, i * steps + reached - 1), j * size);
    });
  }
}

/** Features no element of which changes by more than `most`, the one that changes least first. */
function smallChanges(asked: Case, point: Float32Array, row: number, most: Float32Array): number[] {
  const { size, x } = asked;
  const { labels, count } = asked.features;
  const changes = new Float64Array(count);
  for (let i = 0; i < size; i++) {
    const change = Math.abs(point[i]! - x[row * size + i]!);
    const counted = change <= most[i]! ? change : Number.POSITIVE_INFINITY;
    changes[labels[i]!] = Math.max(changes[labels[i]!]!, counted);
  }
  return asked
    .changed(point, row)
    .filter((f) => Number.isFinite(changes[f]!))
    .sort((a, b) => changes[a]! - changes[b]!);
}

function towards(
  asked: Case,
  point: Float32Array,
  row: number,
  feature: number,
  share: number,
  out: Float32Array,
): void {
  const { size, x, features } = asked;
  for (let i = 0; i < size; i++) {
    const start = x[row * size + i]!;
    const isMoved = features.labels[i] === feature;
    out[i] = !isMoved ? point[i]! : share === 1 ? start : point[i]! + share * (start - point[i]!);
  }
}
