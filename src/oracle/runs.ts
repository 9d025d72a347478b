/** Runs: many examples cut into what a program takes at once, and the programs, each compiled when first asked for. */
import type { Dimension } from '../ir/types.js';
import type { CompileOptions, Program } from '../runtime/program.js';

/** Examples `[from, to)` of all that are asked about, in a run of `size`: a model of fixed batch gets the last one again. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly size: number;
}

/** @param batch examples a run. @param axis the model's own batch axis: a number where it is fixed. */
export function* runsOf(count: number, batch: number, axis: Dimension | undefined): Generator<Run> {
  const step = typeof axis === 'number' ? axis : batch;
  for (let from = 0; from < count; from += step) {
    const to = Math.min(count, from + step);
    yield { from, to, size: typeof axis === 'number' ? axis : to - from };
  }
}

/** The rows of a run, out of [count, width]: a view where none is repeated. */
export function rowsFor({ from, to, size }: Run, values: Float32Array, width: number): Float32Array {
  const part = values.subarray(from * width, to * width);
  if (size === to - from) return part;
  const padded = new Float32Array(size * width);
  padded.set(part);
  for (let row = to - from; row < size; row++) padded.set(part.subarray(-width), row * width);
  return padded;
}

/** The same of a list. */
export const itemsFor = <T>({ from, to, size }: Run, items: readonly T[]): T[] =>
  Array.from({ length: size }, (_, i) => items[Math.min(from + i, to - 1)]!);

/** Programs by name. */
export class Programs<P extends Program = Program> {
  readonly settings: CompileOptions;
  readonly #known = new Map<string, Promise<P>>();

  constructor(settings: CompileOptions) {
    this.settings = settings;
  }

  get(name: string, make: () => Promise<P>): Promise<P> {
    const known = this.#known.get(name) ?? make();
    this.#known.set(name, known);
    // what cannot be compiled is nothing to release
    known.catch(() => this.#known.delete(name));
    return known;
  }

  async release(): Promise<void> {
    for (const program of this.#known.values()) await (await program).release();
    this.#known.clear();
  }
}
