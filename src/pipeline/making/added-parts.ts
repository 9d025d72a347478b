/** What a model has that the one it was made from has not: nodes and constants that stand beside its layers. */
import type { Graph } from '../../ir/types.js';
import type { AddedReport } from '../../report/reconstruction-report.js';
import { floatsOf } from '../../tensor/convert.js';
import { sizeOf } from '../../tensor/dtype.js';
import { zerosIn } from '../prune/change.js';

export type AddedParts = Omit<AddedReport, 'layers'> & { readonly nonZero: number };

export function addedParts(before: Graph, made: Graph): AddedParts {
  const known = new Set([...before.initializers.keys()].map(({ name }) => name));
  const fresh = [...made.initializers].filter(([{ name }]) => !known.has(name)).map(([, t]) => t);
  const parameters = fresh.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return {
    nodes: made.nodes.length - before.nodes.length,
    parameters,
    bytes: fresh.reduce((sum, { payload }) => sum + payload.byteLength, 0),
    nonZero: parameters - fresh.reduce((sum, t) => sum + zerosIn(floatsOf(t)), 0),
  };
}
