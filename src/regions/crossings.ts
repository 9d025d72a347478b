/** Crossings: what every batch holds between two regions of a walk. */
import { heed } from '../heed.js';
import type { Graph, Value } from '../ir/types.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import type { Kept, Shelf } from '../tensor/shelf.js';
import type { Tensor } from '../tensor/tensor.js';

export type Feeds = ReadonlyMap<Value, Tensor>;

/** Feeds batch by batch, read when asked for, as often as iterated over. */
export interface Batches extends Iterable<Feeds> {
  readonly count: number;
  at(index: number): Feeds;
}

export class Crossings {
  readonly #shelf: Shelf;
  #held: Map<Value, Kept>[] = [];

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** Runs what comes before the regions, and keeps what they need of it and of the batches themselves. */
  async start(
    graph: Graph,
    batches: Iterable<Feeds>,
    isNeeded: (value: Value) => boolean,
    engine: CompileOptions,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const keep = (values: Feeds): void => {
      const kept = [...values].filter(([value]) => isNeeded(value));
      this.#held.push(new Map(kept.map(([value, tensor]) => [value, this.#shelf.put(tensor, value)])));
    };
    if (graph.outputs.length === 0) {
      for (const batch of batches) {
        await heed(signal);
        keep(batch);
      }
      return;
    }
    await withProgram(graph, engine, async (program) => {
      for (const batch of batches) {
        signal?.throwIfAborted();
        keep(new Map([...batch, ...(await program.run(pick(batch, program.inputs)))]));
      }
    });
  }

  feeds(wanted: readonly Value[]): Batches {
    const at = (index: number): Feeds => {
      const held = this.#held[index] as Map<Value, Kept>;
      return new Map(wanted.map((value) => [value, (held.get(value) as Kept).read()]));
    };
    const count = this.#held.length;
    return {
      count,
      at,
      *[Symbol.iterator]() {
        for (let index = 0; index < count; index++) yield at(index);
      },
    };
  }

  /** The values that every batch holds. */
  get values(): ReadonlySet<Value> {
    return new Set(this.#held[0]?.keys());
  }

  /** Runs a region on every batch and drops what is not needed any more. */
  async advance(
    graph: Graph,
    isNeeded: (value: Value) => boolean,
    engine: CompileOptions,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const feeds = this.feeds(graph.inputs);
    await withProgram(graph, engine, async (program) => {
      for (let index = 0; index < feeds.count; index++) {
        signal?.throwIfAborted();
        this.#settle(index, await program.run(feeds.at(index)), isNeeded);
      }
    });
  }

  /** The same where others hold what the region has made: what is needed of it is taken from them. */
  async adopt(made: Crossings, isNeeded: (value: Value) => boolean, signal: AbortSignal | undefined): Promise<void> {
    for (const [index, held] of made.#held.entries()) {
      await heed(signal);
      const own = this.#without(index, isNeeded);
      for (const [value, kept] of held) {
        if (!isNeeded(value)) continue;
        own.set(value, kept);
        held.delete(value);
      }
    }
  }

  #settle(index: number, made: Feeds, isNeeded: (value: Value) => boolean): void {
    const held = this.#without(index, isNeeded);
    for (const [value, tensor] of made) if (isNeeded(value)) held.set(value, this.#shelf.put(tensor, value));
  }

  /** What a batch holds, once what is not needed is dropped. */
  #without(index: number, isNeeded: (value: Value) => boolean): Map<Value, Kept> {
    const held = this.#held[index] as Map<Value, Kept>;
    for (const [value, kept] of held) {
      if (isNeeded(value)) continue;
      kept.drop();
      held.delete(value);
    }
    return held;
  }

  clear(): void {
    for (const held of this.#held) for (const kept of held.values()) kept.drop();
    this.#held = [];
  }
}

const pick = (values: Feeds, wanted: readonly Value[]): Feeds =>
  new Map(wanted.map((value) => [value, values.get(value) as Tensor]));
