/** Payloads that are made when they are read: weights of many gigabytes pass through memory one at a time. */
import { UserError } from '../../errors.js';
import type { Payload } from '../../tensor/tensor.js';

export type MakeWhenRead = (byteLength: number, make: () => Uint8Array) => Payload;

/**
 * A maker of payloads of which the one read last is held; reading parts of it in turn makes it once.
 * @param where starts the error when what is made has another size than was said: its source changed in between.
 */
export function makeWhenRead(where: string): MakeWhenRead {
  let held: { readonly make: () => Uint8Array; readonly bytes: Uint8Array } | undefined;
  const made = (make: () => Uint8Array, byteLength: number): Uint8Array => {
    if (held?.make === make) return held.bytes;
    // two at once would be twice the memory
    held = undefined;
    const bytes = make();
    if (bytes.byteLength !== byteLength) {
      throw new UserError(
        where,
        `expected ${byteLength} bytes, got ${bytes.byteLength}; its weights changed meanwhile: leave the file alone and try again`,
      );
    }
    held = { make, bytes };
    return bytes;
  };
  return (byteLength, make) => ({
    byteLength,
    read: (offset = 0, length = byteLength - offset) => made(make, byteLength).subarray(offset, offset + length),
  });
}
