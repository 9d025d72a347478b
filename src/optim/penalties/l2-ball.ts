/** l2Ball: the constraint that the Euclidean norm is at most a radius. */
import { checkMeets, checkRadius, withinBall } from './ball.js';
import { crossing } from './crossing.js';
import { clip, everywhere, type Penalty, spread } from './penalty.js';

/**
 * The projection on ball and box is the box's nearest point to a multiple s z, 0 <= s <= 1.
 * @throws UserError if the radius is negative or, in `prox`, if ball and box don't meet.
 */
export function l2Ball(radius: number): Penalty {
  checkRadius('l2Ball', radius);
  return {
    name: 'l2 ball',
    value: (x) => withinBall(Math.sqrt(x.reduce((sum, p) => sum + p * p, 0)), radius),
    prox(z, _step, box = everywhere, out = new Float32Array(z.length)) {
      const [lower, upper] = [spread(box.lower, z.length), spread(box.upper, z.length)];
      const room = (s: number): [number, number] => {
        let square = 0;
        let free = 0;
        for (let i = 0; i < z.length; i++) {
          const scaled = s * z[i];
          const p = clip(scaled, lower[i], upper[i]);
          square += p * p;
          if (p === scaled) free += scaled * z[i];
        }
        return [radius * radius - square, -2 * free];
      };
      checkMeets('l2Ball', radius, Math.sqrt(radius * radius - room(0)[0]));
      const [left] = room(1);
      // without a box the start is the answer
      const s = left >= 0 ? 1 : crossing(room, 0, 1, radius / Math.sqrt(radius * radius - left));
      for (let i = 0; i < z.length; i++) out[i] = clip(s * z[i], lower[i], upper[i]);
      return out;
    },
  };
}
