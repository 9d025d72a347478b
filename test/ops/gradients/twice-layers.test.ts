/** Normalisations and recurrent layers: the gradient of the gradient, against differences of the gradient. */
import { test } from 'vitest';
import { type AttrInput, attrs } from '../../../src/ir/node.js';
import type { Graph, Value } from '../../../src/ir/types.js';
import { checkWhole, type WholeOptions } from './whole.js';

interface Options extends WholeOptions {
  readonly attrs?: Readonly<Record<string, AttrInput>>;
  readonly dtype?: 'float32' | 'float64';
}

const single: Options = { dtype: 'float32', step: 1e-2, tolerance: 5e-3, agreement: 1e-5 };

const rows: readonly (readonly [string, readonly (readonly number[])[], Options?])[] = [
  ['LayerNormalization', [[2, 3, 4], [4], [4]]],
  ['LayerNormalization', [[2, 3, 4], [4], [4]], single],
  ['BatchNormalization', [[3, 2, 4], [2], [2], [2], [2]], { low: 0.5, high: 2 }],
  ['InstanceNormalization', [[2, 3, 5], [3], [3]], single],
  ['GroupNormalization', [[2, 4, 3], [4], [4]], { ...single, attrs: { num_groups: 2 } }],
  ['LpNormalization', [[2, 3]]],
  [
    'RNN',
    [
      [3, 2, 4],
      [1, 3, 4],
      [1, 3, 3],
    ],
    { ...single, attrs: { hidden_size: 3 } },
  ],
  [
    'GRU',
    [
      [3, 2, 4],
      [1, 9, 4],
      [1, 9, 3],
    ],
    { ...single, attrs: { hidden_size: 3 } },
  ],
  [
    'GRU',
    [
      [3, 2, 4],
      [1, 9, 4],
      [1, 9, 3],
    ],
    { ...single, attrs: { hidden_size: 3, linear_before_reset: 1 } },
  ],
  [
    'LSTM',
    [
      [3, 2, 4],
      [1, 12, 4],
      [1, 12, 3],
    ],
    { ...single, attrs: { hidden_size: 3 } },
  ],
  [
    'LSTM',
    [
      [3, 2, 4],
      [2, 12, 4],
      [2, 12, 3],
    ],
    { ...single, attrs: { hidden_size: 3, direction: 'bidirectional' } },
  ],
];

test.each(rows.map((row, i) => [`${row[0]} ${i}`, row] as const))('%s', async (_name, [op, shapes, options = {}]) => {
  const dtype = options.dtype ?? 'float64';
  const inputs = shapes.map((shape, i): Value => ({ name: `x${i}`, type: { dtype, shape } }));
  const y = { name: 'y' };
  const graph: Graph = {
    name: 'twice',
    inputs,
    outputs: [y],
    nodes: [{ name: 'node', op, domain: '', inputs, outputs: [y], attrs: attrs(options.attrs ?? {}) }],
    initializers: new Map(),
    opsets: new Map([['', 21]]),
    functions: [],
  };
  await checkWhole(graph, { ...options, twice: true });
});
