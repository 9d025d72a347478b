/** The mask of sapf: copies of it that are between 0 and 1, on the sphere through all corners, and alike in groups, drawn together. */
import { groupL2, type Labels } from '../optim/penalties/index.js';
import { type Boxed, factored, type Pace, pass } from './factorisation.js';
import type { Course } from './side-by-side.js';

/** How strongly the copies are drawn together: in the box, on the sphere, by groups, and the sum to k. It grows from turn to turn. */
export type Strengths = [box: number, sphere: number, groups: number, sum: number];

export const firstStrengths: Readonly<Strengths> = [5e-3, 5e-3, 5e-3, 1e-4];
const strongest: Readonly<Strengths> = [20, 20, 100, 0.01];
const growth = 1.01;

export interface MaskSettings {
  readonly labels: Labels;
  readonly lambda1: number;
  readonly lambda2: number;
  readonly k: number;
  readonly maskSteps: number;
}

/**
 * One turn over the mask, in place. A box and a sphere that meet in the corners alone: Wu, Ghanem, lp-Box ADMM: a versatile framework
 * for integer programming (arXiv 1604.07666).
 */
export function* turnMask(
  scene: Boxed,
  sizes: Float32Array,
  mask: Float32Array,
  pace: Pace,
  strengths: Strengths,
  { labels, lambda1, lambda2, k, maskSteps }: MaskSettings,
): Course<void> {
  const size = mask.length;
  const groups = groupL2(labels);
  const radius = Math.sqrt(size) / 2;
  // multipliers of box, sphere, groups and sum
  const [z1, z2, z3] = [new Float32Array(size), new Float32Array(size), new Float32Array(size)];
  let z4 = 0;
  const grouped = new Float32Array(size);
  for (let step = 0; step < maskSteps; step++) {
    const [rho1, rho2, rho3] = strengths;
    // the sum of many elements would bear less than is published for few
    const rho4 = Math.min(strengths[3], 1.5 / (pace.size * size));
    let [square, sum] = [0, 0];
    for (let i = 0; i < size; i++) {
      grouped[i] = mask[i]! + z3[i]! / rho3;
      square += (mask[i]! + z2[i]! / rho2 - 0.5) ** 2;
      sum += mask[i]!;
    }
    groups.prox(grouped, lambda2 / rho3, undefined, grouped);
    const outwards = square > 0 ? radius / Math.sqrt(square) : 0;
    const { gradient } = yield* factored(scene, sizes, mask, 'guide');
    const towardsSum = z4 + rho4 * (sum - k);
    let after = 0;
    for (let i = 0; i < size; i++) {
      const [now, d] = [mask[i]!, sizes[i]!];
      const y1 = Math.min(1, Math.max(0, now + z1[i]! / rho1));
      const y2 = 0.5 + outwards * (now + z2[i]! / rho2 - 0.5);
      const y3 = grouped[i]!;
      const slope =
        2 * now * d * d +
        lambda1 * gradient[i]! * d +
        (z1[i]! + rho1 * (now - y1)) +
        (z2[i]! + rho2 * (now - y2)) +
        (z3[i]! + rho3 * (now - y3)) +
        towardsSum;
      const next = Math.fround(now - pace.size * slope);
      mask[i] = next;
      z1[i] = z1[i]! + rho1 * (next - y1);
      z2[i] = z2[i]! + rho2 * (next - y2);
      z3[i] = z3[i]! + rho3 * (next - y3);
      after += next;
    }
    z4 += rho4 * (after - k);
    for (let i = 0; i < strengths.length; i++) strengths[i] = Math.min(growth * strengths[i]!, strongest[i]!);
    pass(pace);
  }
}
