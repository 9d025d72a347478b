/** Fused ops: the same numbers as the runtime's own kernel once expanded, and gradients of these. */
import { expect, test } from 'vitest';
import { prepare } from '../../../src/autodiff/prepare.js';
import { attrs } from '../../../src/ir/node.js';
import type { Graph, Value } from '../../../src/ir/types.js';
import { ops } from '../../../src/ops/catalogue.js';
import type { Tensor } from '../../../src/tensor/tensor.js';
import { type Argument, heads, microsoft, type Row, rows } from './fused.js';
import { checkWhole } from './whole.js';

/** A graph of one node: inputs of the given shapes, tensors as constants. */
function graphOf(op: string, args: readonly Argument[], row: Row): Graph {
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

test('what an expansion does not know is refused by name', async () => {
  const past: Argument[] = [[2, 5, 4], [4, 12], [12], null, [2, 2, 2, 3, 2]];
  await expect(prepare(graphOf('Attention', past, { attrs: heads }))).rejects.toThrow(
    "com.microsoft.Attention 'fused': its expansion does not know the input past; export the model without",
  );
});

test('every expansion of this domain has a row', () => {
  const covered = new Set(rows.map(([op]) => `${microsoft}.${op}`));
  const all = Object.entries(ops).flatMap(([name, { expand }]) => (expand && name.startsWith(microsoft) ? [name] : []));
  // the runtime has no kernel for the CPU
  expect(all.filter((name) => !covered.has(name))).toEqual([`${microsoft}.GemmFastGelu`]);
});
