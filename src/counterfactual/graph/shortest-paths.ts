/** shortestPaths: Dijkstra's lengths from a place outside of a graph to all of its nodes. */

export interface Edge {
  readonly to: number;
  /** 0 or more. */
  readonly length: number;
}

/** @param edges of each node. @param entries from the place to nodes. @returns a length a node, infinite where no path leads. */
export function shortestPaths(edges: readonly (readonly Edge[])[], entries: readonly Edge[]): Float64Array {
  const lengths = new Float64Array(edges.length).fill(Number.POSITIVE_INFINITY);
  const heap = new Heap();
  const reach = ({ to, length }: Edge, before: number): void => {
    if (before + length >= lengths[to]!) return;
    lengths[to] = before + length;
    heap.push({ to, length: lengths[to]! });
  };
  for (const entry of entries) reach(entry, 0);
  for (let next = heap.pop(); next; next = heap.pop()) {
    // pushed again since, by a shorter way
    if (next.length > lengths[next.to]!) continue;
    for (const edge of edges[next.to]!) reach(edge, next.length);
  }
  return lengths;
}

/** A binary heap, the shortest first. */
class Heap {
  readonly #items: Edge[] = [];

  push(item: Edge): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (items[above]!.length <= item.length) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  pop(): Edge | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (!first || items.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && items[below + 1]!.length < items[below]!.length) below++;
      if (items[below]!.length >= last!.length) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = last!;
    return first;
  }
}
