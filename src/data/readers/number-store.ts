/** A long row of numbers: in memory up to a budget, past it in a temporary file. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const chunkLength = 2 ** 16;
/** Bytes held in memory; a table or set of series that is larger is read back from a file when its rows are asked for. */
const usualBudget = 2 ** 28;

/** Numbers are appended once and read by range as often as needed; each is kept as a float64. */
export class NumberStore {
  readonly #chunks: (Float64Array | undefined)[] = [];
  readonly #budget: number;
  #last = new Float64Array(chunkLength);
  #filled = 0;
  #file: number | undefined;

  constructor(budget = usualBudget) {
    this.#budget = budget;
  }

  get length(): number {
    return this.#chunks.length * chunkLength + this.#filled;
  }

  push(value: number): void {
    this.#last[this.#filled++] = value;
    if (this.#filled === chunkLength) this.#shelve();
  }

  /** The numbers `[from, from + count)`. */
  read(from: number, count: number): Float64Array {
    const values = new Float64Array(count);
    for (let done = 0; done < count; ) {
      const at = from + done;
      const start = at % chunkLength;
      const step = Math.min(count - done, chunkLength - start);
      values.set(this.#part(Math.floor(at / chunkLength), start, step), done);
      done += step;
    }
    return values;
  }

  #shelve(): void {
    const inMemory = (this.#chunks.length + 1) * chunkLength * 8 <= this.#budget;
    if (!inMemory) {
      this.#file ??= openTemporary(this);
      writeSync(this.#file, this.#last, 0, this.#last.byteLength, this.#chunks.length * chunkLength * 8);
    }
    this.#chunks.push(inMemory ? this.#last : undefined);
    this.#last = inMemory ? new Float64Array(chunkLength) : this.#last;
    this.#filled = 0;
  }

  #part(chunk: number, start: number, count: number): Float64Array {
    const held = chunk === this.#chunks.length ? this.#last : this.#chunks[chunk];
    if (held) return held.subarray(start, start + count);
    const values = new Float64Array(count);
    readSync(this.#file as number, values, 0, values.byteLength, (chunk * chunkLength + start) * 8);
    return values;
  }
}

/** Closes the files of stores that nobody holds any more. */
const closed = new FinalizationRegistry((file: number) => closeSync(file));

/** A file without a name: it is gone when it is closed, however the process ends. */
function openTemporary(owner: NumberStore): number {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-data-'));
  const file = openSync(join(folder, 'numbers'), 'wx+');
  rmSync(folder, { recursive: true });
  closed.register(owner, file);
  return file;
}
