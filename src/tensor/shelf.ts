/** A shelf: tensors put aside for later, in memory up to a budget and in a folder past it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { floatsOf, tensorOf } from './convert.js';
import { filePayload } from './file-payload.js';
import { memoryPayload, type Tensor } from './tensor.js';

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
  readonly #options: Required<Pick<ShelfOptions, 'memory' | 'precision'>> & Pick<ShelfOptions, 'folder'>;
  #inMemory = 0;
  #files = 0;
  #written = 0;

  constructor(options: ShelfOptions = {}) {
    const { folder, memory = folder === undefined ? Number.POSITIVE_INFINITY : 0, precision = 'float32' } = options;
    this.#options = { memory, precision, ...(folder !== undefined && { folder }) };
  }

  /** Bytes that went to files since the shelf was made. */
  get bytesWritten(): number {
    return this.#written;
  }

  put(tensor: Tensor): Kept {
    const { folder, memory, precision } = this.#options;
    const stored = precision === 'float16' ? narrowed(tensor) : tensor;
    const { byteLength } = stored.payload;
    const restore = (payload: Tensor['payload']): Tensor => {
      const read: Tensor = { ...stored, payload };
      return stored.dtype === tensor.dtype ? read : tensorOf(tensor.dtype, tensor.shape, floatsOf(read));
    };
    if (folder === undefined || this.#inMemory + byteLength <= memory || stored.strings) {
      this.#inMemory += byteLength;
      // a view of a larger buffer would keep all of it alive
      let bytes: Uint8Array | undefined = compact(stored.payload.read());
      return {
        read: () => restore(memoryPayload(held(bytes))),
        drop: () => {
          if (bytes) this.#inMemory -= byteLength;
          bytes = undefined;
        },
      };
    }
    const path = this.#write(folder, stored);
    return {
      read: () => restore(memoryPayload(filePayload(path).read())),
      drop: () => rmSync(path, { force: true }),
    };
  }

  #write(folder: string, { payload }: Tensor): string {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${this.#files++}.bin`);
    writeFileSync(path, payload.read());
    this.#written += payload.byteLength;
    return path;
  }
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

function held(bytes: Uint8Array | undefined): Uint8Array {
  if (!bytes) throw new Error('a tensor was read after it was dropped from the shelf');
  return bytes;
}
