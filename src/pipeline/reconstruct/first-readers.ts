/** Where each weight is first computed with. */
import type { Graph, Value } from '../../ir/types.js';
import type { Schedule } from '../../regions/index.js';
import { extract } from '../../rewrite/extract.js';

/** For each initializer, the position of the first region that reads it; -1 where something before the regions does. */
export function firstReaders(graph: Graph, { prelude, regions }: Schedule): ReadonlyMap<Value, number> {
  const first = new Map<Value, number>();
  [prelude, ...regions].forEach(({ inputs, outputs }, i) => {
    for (const value of extract(graph, inputs, outputs).initializers.keys())
      if (!first.has(value)) first.set(value, i - 1);
  });
  return first;
}
