/** reach: the features that a linear model would need fewest of, moved as far as they go. */
import type { Objective } from '../oracle/objectives.js';
import type { Case } from './case.js';

/**
 * By the gradient at a point, a feature gains what its slope times its room is, and the most gainful ones of each instance are moved to
 * the ends of their boxes: as few as reach the goal, found by halving. Of a linear model no fewer will do.
 * @param at points, packed as `rows`, where the gradient is taken.
 */
export async function reach(
  asked: Case,
  objective: Objective,
  at: Float32Array,
  rows: readonly number[],
): Promise<void> {
  const { size } = asked;
  const { gradients } = await asked.slopes(objective, at, rows, 'guide');
  const orders = rows.map((row, j) => orderOf(asked, row, gradients.subarray(j * size, (j + 1) * size)));
  const ends = rows.map((row, j) => endsOf(asked, row, gradients.subarray(j * size, (j + 1) * size)));
  // so many do, and so many do not
  const high = orders.map((order) => order.length + 1);
  const low = orders.map(() => 0);
  const isOpen = (j: number): boolean => high[j]! - low[j]! > 1;
  let open = rows.map((_, j) => j).filter((j) => orders[j]!.length > 0);
  let isFirst = true;
  while (open.length > 0) {
    // all of them first: where even that is not enough, nothing is to be halved
    const tried = open.map((j) => (isFirst ? orders[j]!.length : (low[j]! + high[j]!) >> 1));
    const points = new Float32Array(open.length * size);
    open.forEach((j, i) => {
      const moved = new Set(orders[j]!.slice(0, tried[i]!));
      for (let c = 0; c < size; c++)
        points[i * size + c] = moved.has(asked.features.labels[c]!) ? ends[j]![c]! : asked.x[rows[j]! * size + c]!;
    });
    const { margins } = await asked.propose(
      points,
      open.map((j) => rows[j]!),
    );
    open.forEach((j, i) => {
      if (margins[i]! < 0) high[j] = tried[i]!;
      else low[j] = tried[i]!;
    });
    open = open.filter((j) => isOpen(j) && high[j]! <= orders[j]!.length);
    isFirst = false;
  }
}

/** Each element at the end of its box that lies downhill. */
function endsOf({ size, lower, upper }: Case, row: number, slope: Float32Array): Float32Array {
  return slope.map((g, c) => (g > 0 ? lower[row * size + c]! : upper[row * size + c]!));
}

/** Features that gain anything, by what they gain for their cost. */
function orderOf({ size, x, lower, upper, features }: Case, row: number, slope: Float32Array): number[] {
  const gains = new Float64Array(features.count);
  for (let c = 0; c < size; c++) {
    const at = row * size + c;
    const room = slope[c]! > 0 ? x[at]! - lower[at]! : upper[at]! - x[at]!;
    gains[features.labels[c]!]! += (Math.abs(slope[c]!) * room) / features.costs[features.labels[c]!]!;
  }
  return [...gains.keys()].filter((f) => gains[f]! > 0).sort((a, b) => gains[b]! - gains[a]!);
}
