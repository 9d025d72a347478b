/** The refinement of strattack: descent on the elements that the best change so far holds, for a shorter one. */
import { carliniWagner } from '../oracle/objectives.js';
import { pack } from '../oracle/packed.js';
import type { Room } from './room.js';
import type { Victim } from './victim.js';
import { WeightSearch } from './weight-search.js';

export interface Refinement {
  readonly form: 'original' | 'port';
  readonly gamma: number;
  readonly rho: number;
  readonly alpha: number;
  readonly growth: number;
  readonly refineWeight: number;
  readonly refineSteps: number;
  readonly refineSearchSteps: number;
}

const hinge = carliniWagner();

/** As published, this share of the smallest changes is given up for each weight tried: of each example's own, not of a batch's. */
const givenUp = 0.03;

export async function refine(victim: Victim, room: Room, options: Refinement): Promise<void> {
  const { x, size } = victim;
  const searches = victim.all.map(() => new WeightSearch(options.refineWeight, options.growth));
  for (let step = 0; step < options.refineSearchSteps; step++) {
    const changes = new Float32Array(x.length);
    const supports = new Uint8Array(x.length);
    const rows = victim.all.filter((row) => {
      if (!victim.found(row)) return false;
      const change = changes.subarray(row * size, (row + 1) * size);
      victim.best(row).forEach((value, i) => {
        change[i] = value - x[row * size + i]!;
      });
      return support(change, supports.subarray(row * size, (row + 1) * size));
    });
    if (rows.length === 0) return;
    const before = rows.map((row) => victim.cost(row));
    const weights = rows.map((row) => searches[row]!.weight);
    const fooled = await descend(victim, rows, weights, changes, supports, room, options);
    rows.forEach((row, j) => {
      // the original asks whether it fools, the port whether it betters
      searches[row]!.tell(options.form === 'original' ? fooled.has(row) : victim.cost(row) < before[j]!);
    });
  }
}

/** Marks the elements that a change holds but for the smallest. @returns whether any is left. */
function support(change: Float32Array, marks: Uint8Array): boolean {
  const sizes = change
    .filter((value) => value !== 0)
    .map(Math.abs)
    .sort();
  const place = givenUp * (sizes.length - 1);
  const below = sizes[Math.floor(place)]!;
  const least = below + (sizes[Math.ceil(place)]! - below) * (place % 1);
  let isAny = false;
  change.forEach((value, i) => {
    if (value === 0 || Math.abs(value) <= least) return;
    marks[i] = 1;
    isAny = true;
  });
  return isAny;
}

/** @returns the rows that had a success. */
async function descend(
  victim: Victim,
  rows: readonly number[],
  weights: readonly number[],
  z: Float32Array,
  supports: Uint8Array,
  { low, high }: Room,
  { form, gamma, rho, alpha, refineSteps }: Refinement,
): Promise<Set<number>> {
  const { size, x } = victim;
  // d: on the support and in the box, z: descends, u: draws them together
  const [d, u] = [new Float32Array(x.length), new Float32Array(x.length)];
  const shorter = rho / (rho + gamma / 100);
  const fooled = new Set<number>();
  for (let step = 0; step < refineSteps; step++) {
    const points = pack(rows, size, (at) => {
      if (!supports[at]) return x[at]!;
      const point = Math.min(high[at]!, Math.max(low[at]!, Math.fround(x[at]! + shorter * (z[at]! - u[at]!))));
      d[at] = point - x[at]!;
      return point;
    });
    const { gradients, margins } = await victim.slopes(hinge, points, rows);
    rows.forEach((row, j) => {
      if (margins[j]! < 0) fooled.add(row);
      const [from, shift] = [row * size, j * size - row * size];
      for (let at = from; at < from + size; at++) {
        const slope = supports[at] ? weights[j]! * gradients[at + shift]! : 0;
        const towards = rho * (d[at]! + u[at]!);
        const mixed = form === 'original' ? alpha * z[at]! + towards : alpha * z[at]! * towards;
        z[at] = (mixed - slope) / (alpha + 2 * rho);
        u[at] = u[at]! + d[at]! - z[at]!;
      }
    });
  }
  return fooled;
}
