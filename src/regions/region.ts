/** A region: a part of the network with everything that enters it and everything of it that is used later. */
import type { Node, Value } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import type { Flow } from './flow.js';

/**
 * What a region mostly does. A `block` is attention and MLP together, or whatever else the network repeats as one unit of
 * several halves; `blocks` are several such units. `head` makes the outputs; `glue` has no layers and only connects regions.
 */
export const regionKinds = [
  'attention',
  'mlp',
  'block',
  'blocks',
  'conv',
  'recurrent',
  'other',
  'head',
  'glue',
] as const;

export type RegionKind = (typeof regionKinds)[number];

export interface Region {
  /** Unique among the regions of one granularity; fit for a file name, except where a layer's name is not. */
  readonly name: string;
  readonly kind: RegionKind;
  /** Every value that crosses into it: hidden states, skip connections, masks, positions, rotary tables, cached keys. */
  readonly inputs: readonly Value[];
  /** Every value of it that is used later on. */
  readonly outputs: readonly Value[];
  /** In order of execution. */
  readonly layers: readonly Layer[];
  /** In topological order, without those that depend on no graph input: `extract` finds them. */
  readonly nodes: readonly Node[];
}

/** Finds what crosses the border of a set of nodes. */
export class Borders {
  readonly #flow: Flow;
  readonly #readers = new Map<Value, Node[]>();
  readonly #ends: ReadonlySet<Value>;

  /** @param live nodes whose reads count as uses; @param ends values that are used after the last node. */
  constructor(flow: Flow, live: ReadonlySet<Node>, ends: ReadonlySet<Value>) {
    this.#flow = flow;
    this.#ends = ends;
    for (const node of live) {
      for (const value of flow.reads.get(node) ?? []) {
        const readers = this.#readers.get(value);
        if (readers) readers.push(node);
        else this.#readers.set(value, [node]);
      }
    }
  }

  /** Inputs in order of first use, outputs in order of making; nodes that lead nowhere give all they make. */
  of(nodes: readonly Node[]): { inputs: Value[]; outputs: Value[] } {
    const made = nodes.flatMap((node) => node.outputs.filter((value): value is Value => value !== null));
    const own = new Set(made);
    const inputs = new Set<Value>();
    const inner = new Set<Value>();
    for (const node of nodes) {
      for (const value of this.#flow.reads.get(node) ?? []) {
        if (own.has(value)) inner.add(value);
        else if (this.#flow.kinds.get(value) !== 'constant') inputs.add(value);
      }
    }
    const used = this.usedOutside(nodes);
    return { inputs: [...inputs], outputs: used.length > 0 ? used : made.filter((value) => !inner.has(value)) };
  }

  /** What the nodes make and others read, or is wanted in the end; in order of making. */
  usedOutside(nodes: readonly Node[]): Value[] {
    const within = new Set(nodes);
    const isUsed = (value: Value): boolean =>
      this.#ends.has(value) || (this.#readers.get(value) ?? []).some((node) => !within.has(node));
    return nodes.flatMap(({ outputs }) => outputs.filter((value): value is Value => value !== null && isUsed(value)));
  }
}
