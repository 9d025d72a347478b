/** What the balls have in common: their checks, and how far rounding may carry a projection out of them. */
import { UserError } from '../../errors.js';

/** Elements are rounded to float32 after they were projected. */
const rounding = 1e-6;

export const withinBall = (norm: number, radius: number): 0 | typeof Number.POSITIVE_INFINITY =>
  norm <= radius * (1 + rounding) ? 0 : Number.POSITIVE_INFINITY;

export function checkRadius(name: string, radius: number): void {
  if (!(radius >= 0)) throw new UserError(name, `expected a radius of 0 or more, got ${radius}`);
}

/** @throws UserError if the point of the box that is nearest to zero lies outside of the ball. */
export function checkMeets(name: string, radius: number, distance: number): void {
  if (!(distance > radius * (1 + rounding))) return;
  throw new UserError(
    name,
    `expected a box that meets the ball of radius ${radius}, got one at distance ${distance}; raise the radius or widen the box`,
  );
}
