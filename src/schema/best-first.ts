/** Choices of one value from each of several lists, the least total cost first. */

/**
 * Every choice once, in order of the sum of its costs.
 * @param costs of the values of each list, rising; no list is empty.
 */
export function* bestFirst(costs: readonly (readonly number[])[]): Generator<Choice> {
  const open: Choice[] = [
    { indices: costs.map(() => 0), total: costs.reduce((sum, list) => sum + list[0]!, 0), last: 0 },
  ];
  for (let next = open.shift(); next; next = open.shift()) {
    yield next;
    // only lists from the last one on that moved: so no choice is reached by two ways
    for (let i = next.last; i < costs.length; i++) {
      const list = costs[i]!;
      const at = next.indices[i]!;
      if (at + 1 < list.length) {
        const total = next.total - list[at]! + list[at + 1]!;
        insert(open, { indices: next.indices.with(i, at + 1), total, last: i });
      }
    }
  }
}

export interface Choice {
  /** One into each list. */
  readonly indices: readonly number[];
  /** The sum of their costs. */
  readonly total: number;
  readonly last: number;
}

function insert(open: Choice[], choice: Choice): void {
  let [from, to] = [0, open.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (open[middle]!.total <= choice.total) from = middle + 1;
    else to = middle;
  }
  open.splice(from, 0, choice);
}
