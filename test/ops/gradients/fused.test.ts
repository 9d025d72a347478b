/** Fused ops: the same numbers as the runtime's own kernel once expanded, and gradients of these. */
import { expect, test } from 'vitest';
import { prepare } from '../../../src/autodiff/prepare.js';
import { attrs } from '../../../src/ir/node.js';
import type { Graph, Value } from '../../../src/ir/types.js';
import { ops } from '../../../src/ops/catalogue.js';
import { int64, type Tensor } from '../../../src/tensor/tensor.js';
import { rows } from './fused.js';
import { type Argument, heads, int32, microsoft, type RowOptions } from './fused-arguments.js';
import { checkWhole } from './whole.js';

/** A graph of one node: inputs of the given shapes, tensors as constants. */
function graphOf(op: string, args: readonly Argument[], row: RowOptions): Graph {
  const inputs: Value[] = [];
  const initializers = new Map<Value, Tensor>();
  const given = args.map((arg, i): Value | null => {
    if (arg === null) return null;
    if (!('payload' in arg)) {
      const value: Value = { name: `x${i}`, type: { dtype: 'float32', shape: arg } };
      inputs.push(value);
      return value;
    }
    const value: Value = { name: `fixed${i}`, type: { dtype: arg.dtype, shape: arg.shape } };
    initializers.set(value, arg);
    return value;
  });
  const outputs = (row.outputs ?? [true]).map((asked, i) => (asked ? { name: `y${i}` } : null));
  const domain = row.domain ?? microsoft;
  return {
    name: 'fused',
    inputs,
    outputs: outputs.filter((value) => value !== null),
    nodes: [{ name: 'fused', op, domain, inputs: given, outputs, attrs: attrs(row.attrs ?? {}) }],
    initializers,
    opsets: new Map([
      ['', 21],
      [microsoft, 1],
    ]),
    functions: [],
  };
}

test.each(rows.map((row, i) => [`${row[0]} ${i}`, row] as const))('%s', async (_name, [op, args, row = {}]) => {
  const options = { step: 5e-3, tolerance: 2e-3, agreement: 5e-6, ...row };
  await checkWhole(graphOf(op, args, row), options);
  const names = ['batch', 'steps'];
  const isOpen = args.every((arg) => arg === null || 'payload' in arg || arg.length !== 3 || arg[0] === 2);
  if (!isOpen || row.isFixed || args.every((arg) => arg === null || 'payload' in arg || arg.length !== 3)) return;
  const sizes: Record<string, number> = {};
  const open = args.map((arg, i): Argument => {
    if (arg === null || 'payload' in arg || arg.length !== 3) return arg;
    return arg.map((size, axis) => {
      if (axis === 2) return size;
      sizes[`${names[axis]}${i}`] = size as number;
      return `${names[axis]}${i}`;
    });
  });
  await checkWhole(graphOf(op, open, row), options, sizes);
});

test.each([{}, { axis: -2 }, { axis: 1 }])('RMSNormalization of opset 23, %o', async (attributes) => {
  const shape = 'axis' in attributes ? [3, 4] : [4];
  const graph = graphOf('RMSNormalization', [[2, 3, 4], shape], { domain: '', attrs: attributes });
  const options = { step: 5e-3, tolerance: 2e-3, agreement: 5e-6 };
  await checkWhole({ ...graph, opsets: new Map([['', 23]]) }, options);
});

test.each<readonly [readonly Argument[], RowOptions['attrs']]>([
  [[[2, 3, 5, 4], [2, 3, 2, 4], int64([2], [1, 3])], {}],
  [[[2, 3, 5, 4], [2, 3, 3, 4], int64([2], [1, 4])], { mode: 'circular' }],
  [
    [
      [2, 5, 4],
      [2, 3, 4],
    ],
    { axis: 1 },
  ],
  [[[2, 5, 4], [2, 5, 2], int64([2], [2, 0])], { axis: -1 }],
])('TensorScatter of opset 24, %j %j', async (args, attributes) => {
  const graph = graphOf('TensorScatter', args, { domain: '', attrs: attributes ?? {} });
  const options = { step: 5e-3, tolerance: 2e-3, agreement: 5e-6 };
  await checkWhole({ ...graph, opsets: new Map([['', 24]]) }, options);
});

const sequences: Argument[] = [
  [2, 5, 4],
  [2, 5, 4],
  [2, 5, 4],
];
const pasts: Argument[] = [
  [2, 2, 3, 2],
  [2, 2, 3, 2],
];

test.each<readonly [string, readonly Argument[], RowOptions, string]>([
  [
    'Attention',
    [[2, 5, 4], [4, 12], [12]],
    { attrs: { ...heads, do_rotary: 1 } },
    'do_rotary, which the runtime computes on a GPU only',
  ],
  [
    'Attention',
    [[2, 5, 4], [4, 14], [14]],
    { attrs: { ...heads, qkv_hidden_sizes: [4, 4, 6] }, outputs: [true, true] },
    'the output present for keys and values of different sizes',
  ],
  [
    'MultiHeadAttention',
    [[2, 5, 2, 3, 2]],
    { attrs: heads },
    'packed query, key and value, which the runtime computes on a GPU only',
  ],
  [
    'MultiHeadAttention',
    [...sequences, null, null, null, ...pasts],
    { attrs: heads, outputs: [true, true] },
    'a past with one of present_key and present_value only',
  ],
  [
    'MultiHeadAttention',
    [...sequences, null, null, null, ...pasts, int32([1], 2)],
    { attrs: heads, outputs: [true, true, true] },
    'past_sequence_length, by which past and present share memory that a model does not have',
  ],
])('%s %j is refused by name', async (op, args, row, what) => {
  await expect(prepare(graphOf(op, args, row))).rejects.toThrow(
    `com.microsoft.${op} 'fused': its expansion does not know ${what}; export the model without`,
  );
});

test('every expansion of this domain has a row', () => {
  const covered = new Set(rows.map(([op]) => `${microsoft}.${op}`));
  const all = Object.entries(ops).flatMap(([name, { expand }]) => (expand && name.startsWith(microsoft) ? [name] : []));
  // the runtime has no kernel for the CPU
  expect(all.filter((name) => !covered.has(name))).toEqual([`${microsoft}.GemmFastGelu`]);
});
