/** alone: an embedded model as a graph of its own. */
import { emptyGraph } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import { builderFor } from '../../ops/builder.js';
import type { Embedded } from './embedded.js';

/** From `rows` [batch, width] to what the model makes of them. */
export function alone(model: Embedded, width: number): Graph {
  const rows: Value = { name: 'rows', type: { dtype: 'float32', shape: ['batch', width] } };
  const empty = emptyGraph(model.name, [rows]);
  const g = builderFor(empty, 'alone');
  const made = model.emit(g, rows);
  return { ...g.appendTo(empty), outputs: [made] };
}
