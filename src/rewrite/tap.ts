/** tap: inner values become outputs, which is how anything inside a model is observed. */
import { UserError } from '../errors.js';
import { valuesByName } from '../ir/graph.js';
import type { Graph, Value } from '../ir/types.js';

/**
 * `graph` with `values` appended to its outputs; those that are outputs already are not repeated.
 * @throws UserError for a value that is not of this graph (one inside a control-flow body, say).
 */
export function tap(graph: Graph, values: Iterable<Value>): Graph {
  const known = valuesByName(graph);
  const outputs = new Set(graph.outputs);
  for (const value of values) {
    if (known.get(value.name) !== value) {
      throw new UserError(
        'tap',
        `expected a value of the graph, got '${value.name}'; values inside subgraphs cannot be tapped`,
      );
    }
    outputs.add(value);
  }
  return { ...graph, outputs: [...outputs] };
}
