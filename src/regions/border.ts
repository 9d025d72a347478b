/** The border between what is there and what is wanted. */
import { producers, reads } from '../ir/graph.js';
import type { Graph, Value } from '../ir/types.js';

/** Which of the values `there` the `wanted` ones are computed from directly: the inputs of `extract` between the two. */
export function borderOf(graph: Graph, wanted: readonly Value[], there: ReadonlySet<Value>): Value[] {
  const makers = producers(graph);
  const border = new Set<Value>();
  const seen = new Set<Value>();
  const pending = [...wanted];
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (there.has(value)) border.add(value);
    else pending.push(...(makers.has(value) ? reads(makers.get(value)!) : []));
  }
  return [...border];
}
