/** What a graph is fed, in a file: tensors never cross to another process by message. */
import { readFileSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import type { DataType } from '../tensor/dtype.js';
import { memoryPayload, type Tensor } from '../tensor/tensor.js';

interface Fed {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  readonly strings: readonly Uint8Array[] | undefined;
}

/** By the name of the input, replacing what stands there. */
export function writeFeeds(path: string, feeds: ReadonlyMap<{ readonly name: string }, Tensor>): void {
  const fed = [...feeds].map(
    ([{ name }, { dtype, shape, payload, strings }]): Fed => ({ name, dtype, shape, bytes: payload.read(), strings }),
  );
  writeFileSync(path, serialize(fed));
}

/** What `writeFeeds` wrote. */
export const readFeeds = (path: string): ReadonlyMap<string, Tensor> =>
  new Map(
    (deserialize(readFileSync(path)) as readonly Fed[]).map(({ name, dtype, shape, bytes, strings }) => [
      name,
      { dtype, shape, payload: memoryPayload(bytes), ...(strings && { strings }) },
    ]),
  );
