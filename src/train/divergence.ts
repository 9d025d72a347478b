/** divergence: the end of training whose loss is not a number any more. One run is stopped by it; a search goes on with other settings. */
import { UserError } from '../errors.js';

const lost = Symbol('lost loss');

export const divergence = (loss: number, step: number): UserError =>
  new UserError(
    'train',
    `expected a finite loss, got ${loss} at step ${step}; take a lower learning rate, or clip gradients`,
    { cause: lost },
  );

export const isDivergence = (error: unknown): error is UserError => error instanceof UserError && error.cause === lost;
