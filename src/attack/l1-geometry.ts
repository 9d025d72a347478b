/** The l1 ball for attacks that stay within one: steps of few elements, projections, random starts. */
import { l1Ball } from '../optim/penalties/l1-ball.js';
import type { Geometry } from './norm-balls.js';
import { Shortlist } from './shortlist.js';

export const l1Geometry: Pick<Geometry, 'project' | 'draw'> = {
  project(change, radius, lower, upper) {
    l1Ball(radius).prox(change, 1, { lower, upper }, change);
  },
  // shares of a sum of exponential numbers, one of which is left out
  draw(random, radius, out) {
    const exponential = (i: number): number => -Math.log(1 - random.uniform(i));
    let sum = exponential(out.length);
    for (let i = 0; i < out.length; i++) {
      const magnitude = exponential(i);
      out[i] = random.integer(i, 2) === 0 ? -magnitude : magnitude;
      sum += magnitude;
    }
    for (let i = 0; i < out.length; i++) out[i] *= radius / sum;
  },
};

/** Elements whose turn comes after the first `few`, where the box holds these back. */
const spare = 32;

/**
 * Adds to `change` what gains most along `slope` at an l1 norm of `length`, if no element may move by more than its share of a step of
 * `few` elements, and none beyond the box: the elements with the largest slopes move so far, one after the other, until the length is
 * spent.
 */
export function sparseStep(
  slope: Float32Array,
  change: Float32Array,
  low: Float32Array,
  high: Float32Array,
  { length, few }: { readonly length: number; readonly few: number },
): void {
  const largest = new Shortlist(Math.min(slope.length, 2 * few + spare));
  for (let i = 0; i < slope.length; i++) if (slope[i] !== 0) largest.see(i, -Math.abs(slope[i]));
  let left = length;
  // rounding may leave some of it, too little to change one more element
  for (let rank = 0; rank < largest.count && left > 1e-9 * length; rank++) {
    const i = largest.ids[rank];
    const room = slope[i] > 0 ? high[i] - change[i] : change[i] - low[i];
    const far = Math.min(left, length / few, Math.max(0, room));
    change[i] += slope[i] > 0 ? far : -far;
    left -= far;
  }
}
