/** Batches of a fit, by name of the input that they feed. */
import { UserError } from '../errors.js';
import { memoryPayload, type Tensor } from '../tensor/tensor.js';

export type Batch = ReadonlyMap<string, Tensor>;

/** Equal in shape, read when asked for, any number of times. */
export interface Batches {
  readonly count: number;
  at(index: number): Batch;
}

/** The given batches with one more axis in front, for each input. @throws UserError when two differ in shape. */
export function stack(batches: readonly Batch[]): Map<string, Tensor> {
  const [first] = batches as [Batch];
  return new Map(
    [...first].map(([name, { dtype, shape, payload }]) => {
      const bytes = new Uint8Array(payload.byteLength * batches.length);
      batches.forEach((batch, i) => {
        const part = batch.get(name) as Tensor;
        if (String(part.shape) !== String(shape)) {
          throw new UserError(
            'fit',
            `expected batches of one shape, got [${shape.join(', ')}] and [${part.shape.join(', ')}] for '${name}'; make all of one size`,
          );
        }
        bytes.set(part.payload.read(), i * payload.byteLength);
      });
      return [name, { dtype, shape: [batches.length, ...shape], payload: memoryPayload(bytes) }];
    }),
  );
}
