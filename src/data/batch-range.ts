/** The range check of every kind of samples. */
import { UserError } from '../errors.js';

/** @throws UserError when a model of fixed batch is asked for more samples at once than it takes. */
export function checkRange(from: number, to: number, count: number, fixedBatch: number | undefined): void {
  if (!(from >= 0 && from < to && to <= count)) throw new RangeError(`samples [${from}, ${to}) of ${count}`);
  if (fixedBatch !== undefined && to - from > fixedBatch) {
    throw new UserError(
      'data',
      `expected batches of ${fixedBatch}, which the model fixes, got ${to - from}; leave the batch size out`,
    );
  }
}
