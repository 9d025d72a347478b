/** A shelf: tensors put aside for later, in memory up to a budget and in a folder past it. */
import { floatsOf, tensorOf } from './convert.js';
import { RowFiles } from './row-files.js';
import { memoryPayload, type Payload, type Tensor } from './tensor.js';

export interface ShelfOptions {
  /** Where files go, made when the first one does. Absent: everything stays in memory. */
  readonly folder?: string;
  /** Bytes held in memory before files are written; default 0 with a folder. */
  readonly memory?: number;
  /** `float16` halves what float32 takes, wherever it is put; what float16 cannot hold stays float32. Default `float32`. */
  readonly precision?: 'float32' | 'float16';
}

/** One tensor on a shelf. */
export interface Kept {
  read(): Tensor;
  /** Frees its room; it cannot be read any more. */
  drop(): void;
}

/** Values do not depend on where a tensor was put, only on the precision. */
export class Shelf {
  readonly #memory: number;
  readonly #precision: ShelfOptions['precision'];
  readonly #files: RowFiles | undefined;
  #inMemory = 0;
  #written = 0;

  constructor({ folder, memory, precision }: ShelfOptions = {}) {
    this.#memory = memory ?? 0;
    this.#precision = precision;
    this.#files = folder === undefined ? undefined : new RowFiles(folder);
  }

  /** Bytes that went to files since the shelf was made. */
  get bytesWritten(): number {
    return this.#written;
  }

  /** @param row what tensors have in common that are dropped in the order in which they are put: files are shared within it. */
  put(tensor: Tensor, row?: unknown): Kept {
    const { dtype, shape } = tensor;
    // the closures below must not see the tensor: it would stay in memory as long as they do
    const { payload, ...stored } = this.#precision === 'float16' ? narrowed(tensor) : tensor;
    let place: Place | undefined = this.#place({ ...stored, payload }, row);
    return {
      read() {
        if (!place) throw new Error('a tensor was read after it was dropped from the shelf');
        const read: Tensor = { ...stored, payload: memoryPayload(place.payload.read()) };
        return stored.dtype === dtype ? read : tensorOf(dtype, shape, floatsOf(read));
      },
      drop() {
        place?.drop();
        place = undefined;
      },
    };
  }

  #place({ payload, strings }: Tensor, row: unknown): Place {
    const { byteLength } = payload;
    if (!this.#files || this.#inMemory + byteLength <= this.#memory || strings) {
      this.#inMemory += byteLength;
      const drop = (): void => {
        this.#inMemory -= byteLength;
      };
      // a view of a larger buffer would keep all of it alive
      return { payload: memoryPayload(compact(payload.read())), drop };
    }
    const place = this.#files.put(payload, row);
    this.#written += byteLength;
    return place;
  }
}

interface Place {
  readonly payload: Payload;
  drop(): void;
}

/** The same numbers in half the room, or the tensor itself where that would lose more than precision. */
function narrowed(tensor: Tensor): Tensor {
  if (tensor.dtype !== 'float32') return tensor;
  const values = floatsOf(tensor);
  return values.every((value) => Math.abs(value) < largestFloat16) ? tensorOf('float16', tensor.shape, values) : tensor;
}

/** From here on float16 rounds to infinity; NaN and infinity themselves are kept in float32 as well. */
const largestFloat16 = 65_520;

const compact = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength < bytes.buffer.byteLength / 2 ? bytes.slice() : bytes;
