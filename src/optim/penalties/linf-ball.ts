/** linfBall: the constraint that no magnitude exceeds a radius. */
import { checkRadius } from './ball.js';
import { box } from './box.js';
import type { Penalty } from './penalty.js';

/** @throws UserError if the radius is negative or, in `prox`, if ball and box don't meet. */
export function linfBall(radius: number): Required<Penalty> {
  checkRadius('linfBall', radius);
  return box({ lower: -radius, upper: radius }, 'linfBall');
}
