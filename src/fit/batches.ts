/** Batches of a fit, by name of the input that they feed. */
import { UserError } from '../errors.js';
import { memoryPayload, type Tensor } from '../tensor/tensor.js';

export type Batch = ReadonlyMap<string, Tensor>;

/** Equal in shape, read when asked for, any number of times. */
export interface Batches {
  readonly count: number;
  at(index: number): Batch;
}

/**
 * The given batches with one more axis in front, for each input.
 * @param room bytes by name of the input, written over and made larger where they do not suffice: new memory for every call costs more
 * than what is written into it. Absent: new memory.
 * @throws UserError when two differ in shape.
 */
export function stack(batches: readonly Batch[], room = new Map<string, Uint8Array>()): Map<string, Tensor> {
  const [first] = batches as [Batch];
  return new Map(
    [...first].map(([name, { dtype, shape, payload }]) => {
      const bytes = roomFor(name, payload.byteLength * batches.length, room);
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

function roomFor(name: string, length: number, room: Map<string, Uint8Array>): Uint8Array {
  const held = room.get(name);
  const bytes = held && held.byteLength >= length ? held : new Uint8Array(length);
  room.set(name, bytes);
  return bytes.subarray(0, length);
}
