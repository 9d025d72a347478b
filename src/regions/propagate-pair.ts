/** Runs a model region after region on two paths, as it was and as it becomes, so that one can be fitted to the other. */
import type { Graph, Value } from '../ir/types.js';
import { extract } from '../rewrite/extract.js';
import { Shelf } from '../tensor/shelf.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Batches, Crossings } from './crossings.js';
import { lastReaders, type Walk, withoutSizes, withWeights } from './propagate.js';
import type { Region } from './region.js';

export interface PairWalk extends Walk {
  /** What a region is fed: what the dense model has there, or the model as it has become. */
  readonly inputs: 'dense' | 'sparse';
  /** What a region should answer: the dense region to those same inputs, or what the dense model has there. */
  readonly targets: 'own' | 'dense';
  /** Whether visits look at `sparse` where neither inputs nor targets need it. */
  readonly keepsSparse?: boolean;
  /** The same for `dense`. */
  readonly keepsDense?: boolean;
  /** What the model has become besides its weights, in a part of it: nodes beside others. Asked each time; default: nothing. */
  become?(part: Graph): Graph;
}

export interface PairStage {
  readonly index: number;
  readonly region: Region;
  /** The whole working copy, with all weights that later regions read as they have become. */
  readonly graph: Graph;
  readonly inputs: Batches;
  /** What the dense region is fed to give the targets, where that is not `inputs`. */
  readonly teacher?: Batches;
  /** Runs the dense region; call it once, and only where it is needed. What it gives is dropped after the visit. */
  targets(): Promise<Batches>;
  /** What is held of the model as it has become, and of the dense model; absent where the walk needs no such path. */
  readonly sparse?: Crossings;
  readonly dense?: Crossings;
  readonly engine: Walk['engine'];
  /** The walk's own: what stands beside weights, in a part of `graph`. */
  become(part: Graph): Graph;
}

/**
 * Visits the regions in order. A visit returns the weights with which the sparse path goes on.
 * Stops between two runs when the signal aborts.
 */
export async function propagatePair(
  walk: PairWalk,
  visit: (stage: PairStage) => Promise<ReadonlyMap<Value, Tensor>>,
): Promise<void> {
  const { graph, schedule, signal, shelf = new Shelf(), inputs, targets, become = (part) => part } = walk;
  const { regions, prelude, lastUse } = schedule;
  const engine = { ...walk.engine, types: withoutSizes(walk.types) };
  const sparse = inputs === 'sparse' || walk.keepsSparse ? new Crossings(shelf) : undefined;
  const dense = inputs === 'dense' || targets === 'dense' || walk.keepsDense ? new Crossings(shelf) : undefined;
  const fed = (inputs === 'sparse' ? sparse : dense) as Crossings;
  const teacher = (targets === 'dense' ? dense : fed) as Crossings;
  const paths = [sparse, dense].filter((path) => path !== undefined);
  const lastReader = lastReaders(graph, regions);
  let replaced: ReadonlyMap<Value, Tensor> = new Map();
  try {
    const start = extract(graph, prelude.inputs, prelude.outputs);
    for (const path of paths) await path.start(start, walk.batches, (value) => lastUse.has(value), engine, signal);
    for (const [index, region] of regions.entries()) {
      signal?.throwIfAborted();
      const part = extract(graph, region.inputs, region.outputs);
      const answers = new Answers(part, teacher.feeds(region.inputs), shelf, walk);
      const isNeeded = (value: Value): boolean => (lastUse.get(value) ?? -1) > index;
      try {
        const weights = await visit({
          index,
          region,
          graph: withWeights(graph, replaced),
          inputs: fed.feeds(region.inputs),
          ...(teacher !== fed && { teacher: teacher.feeds(region.inputs) }),
          targets: () => answers.run(engine),
          ...(sparse && { sparse }),
          ...(dense && { dense }),
          engine,
          become,
        });
        replaced = new Map([...replaced, ...weights]);
        if (index === regions.length - 1) return;
        if (dense && teacher === dense && answers.found) await dense.adopt(answers.held, isNeeded, signal);
        else await dense?.advance(part, isNeeded, engine, signal);
      } finally {
        answers.clear();
      }
      await sparse?.advance(become(withWeights(part, replaced)), isNeeded, engine, signal);
      replaced = new Map([...replaced].filter(([value]) => (lastReader.get(value) ?? -1) > index));
    }
  } finally {
    for (const path of paths) path.clear();
  }
}

/** What the dense region answers, run when first asked for. */
class Answers {
  readonly #part: Graph;
  readonly #feeds: Batches;
  readonly held: Crossings;
  readonly #walk: PairWalk;
  found: Batches | undefined;

  constructor(part: Graph, feeds: Batches, shelf: Shelf, walk: PairWalk) {
    this.#part = part;
    this.#feeds = feeds;
    this.held = new Crossings(shelf);
    this.#walk = walk;
  }

  async run(engine: Walk['engine']): Promise<Batches> {
    const wanted = new Set(this.#part.outputs);
    if (!this.found) {
      await this.held.start(this.#part, this.#feeds, (value) => wanted.has(value), engine, this.#walk.signal);
      this.found = this.held.feeds(this.#part.outputs);
    }
    return this.found;
  }

  clear(): void {
    this.held.clear();
  }
}
