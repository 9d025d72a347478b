/** l1Ball: the constraint that the sum of magnitudes is at most a radius. */
import { checkMeets, checkRadius, withinBall } from './ball.js';
import { crossing } from './crossing.js';
import { clip, everywhere, type Penalty, spread } from './penalty.js';

/**
 * The projection softens z by one threshold and clips it; without a box as Duchi, Shalev-Shwartz, Singer, Chandra, Efficient
 * projections onto the l1-ball (ICML 2008), with the threshold found by Newton's method instead of by sorting.
 * @throws UserError if the radius is negative or, in `prox`, if ball and box don't meet.
 */
export function l1Ball(radius: number): Penalty {
  checkRadius('l1Ball', radius);
  return {
    name: 'l1 ball',
    value: (x) =>
      withinBall(
        x.reduce((sum, p) => sum + Math.abs(p), 0),
        radius,
      ),
    prox(z, _step, box = everywhere, out = new Float32Array(z.length)) {
      const [lower, upper] = [spread(box.lower, z.length), spread(box.upper, z.length)];
      const excess = (threshold: number): [number, number] => {
        let sum = 0;
        let free = 0;
        for (let i = 0; i < z.length; i++) {
          const soft = soften(z[i], threshold);
          const p = clip(soft, lower[i], upper[i]);
          sum += Math.abs(p);
          if (p === soft && p !== 0) free++;
        }
        return [sum - radius, -free];
      };
      const largest = z.reduce((most, p) => Math.max(most, Math.abs(p)), 0);
      checkMeets('l1Ball', radius, excess(largest)[0] + radius);
      const inside = excess(0)[0] <= 0;
      // a ball of one point leaves nothing to rounding
      const least = radius === 0 ? largest : 0;
      const threshold = inside ? 0 : crossing(excess, least, largest, least);
      for (let i = 0; i < z.length; i++) out[i] = clip(soften(z[i], threshold), lower[i], upper[i]);
      return out;
    },
  };
}

const soften = (z: number, threshold: number): number =>
  Math.abs(z) <= threshold ? 0 : z > 0 ? z - threshold : z + threshold;
