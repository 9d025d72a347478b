/** Rules of shape and index ops are closed under their own output: the gradient of a gradient of y cubed, row by row. */
import { expect, test } from 'vitest';
import type { Graph } from '../../../src/ir/types.js';
import { builderFor } from '../../../src/ops/builder.js';
import { bareGraph, type Case, nameOf } from './case.js';
import { indexing, scatter } from './indexing.js';
import { sampling } from './sampling.js';
import { shape } from './shape.js';
import { slicing } from './slicing.js';
import { checkWhole } from './whole.js';

const isSlow = ([op]: Case): boolean => op === 'Resize' || op === 'GridSample';
const rows = [
  ...[...shape, ...indexing, ...scatter, ...slicing, ...sampling].filter((row) => !isSlow(row)),
  ...sampling.filter(isSlow).filter((_, i) => i % 5 === 0),
].filter(([op]) => op !== 'Range');

test.each(rows.map((row, i) => [`${i} ${nameOf(row)}`, row] as const))('%s', async (_name, row) => {
  const { dtype = 'float64', low = -2, high = 2 } = row[2] ?? {};
  const isSingle = dtype === 'float32';
  const precision = isSingle ? { step: 1e-2, tolerance: 5e-3, agreement: 1e-5 } : { tolerance: 1e-6 };
  await checkWhole(cubed(bareGraph(row)), { low, high, twice: true, ...precision });
});

function cubed(graph: Graph): Graph {
  const g = builderFor(graph, 'cube');
  const outputs = graph.outputs.map((y) => g.mul(g.mul(y, y), y));
  expect(outputs).not.toHaveLength(0);
  return g.appendTo({ ...graph, outputs: [] }, outputs);
}
