/** reach: the features that a linear model would need fewest of, moved as far as they go. */
import type { Objective } from '../../oracle/objectives.js';
import type { Case } from '../case.js';

/**
 * By the gradient at a point, a feature gains what its slope times its room is, and the most gainful ones of each instance are moved to
 * the ends of their boxes: as few as reach the goal, found by doubling and halving. Of a linear model no fewer will do.
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
  const tried = async (tries: readonly Try[]): Promise<Float32Array> => {
    const points = new Float32Array(tries.length * size);
    tries.forEach(({ j, many }, i) => {
      const moved = new Set(orders[j]!.slice(0, many));
      for (let c = 0; c < size; c++)
        points[i * size + c] = moved.has(asked.features.labels[c]!) ? ends[j]![c]! : asked.x[rows[j]! * size + c]!;
    });
    const judged = await asked.propose(
      points,
      tries.map(({ j }) => rows[j]!),
    );
    return judged.margins;
  };
  // more features need not be better, so that the first number that is enough is looked for from below
  const doubled = orders.flatMap((order, j) => doublings(order.length).map((many): Try => ({ j, many })));
  const first = await tried(doubled);
  const low = orders.map(() => 0);
  const high = orders.map(() => Number.POSITIVE_INFINITY);
  doubled.forEach(({ j, many }, i) => {
    if (high[j]! < many) return;
    if (first[i]! < 0) high[j] = many;
    else low[j] = many;
  });
  for (;;) {
    const open = rows.flatMap((_, j) =>
      Number.isFinite(high[j]) && high[j]! - low[j]! > 1 ? [{ j, many: (low[j]! + high[j]!) >> 1 }] : [],
    );
    if (open.length === 0) return;
    const margins = await tried(open);
    open.forEach(({ j, many }, i) => {
      if (margins[i]! < 0) high[j] = many;
      else low[j] = many;
    });
  }
}

/** So many of the features of place j. */
interface Try {
  readonly j: number;
  readonly many: number;
}

/** 1, 2, 4 ... and all. */
function doublings(count: number): number[] {
  const made: number[] = [];
  for (let many = 1; many < count; many *= 2) made.push(many);
  return count > 0 ? [...made, count] : made;
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
