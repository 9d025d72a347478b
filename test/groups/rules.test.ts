/** What each op says of axes, op by op: every axis of an output is summed over, so that all that is not pinned may go. */
import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { flowsOf } from '../../src/groups/flows.js';
import { groupsOf } from '../../src/groups/groups.js';
import { movableGroups, permuted } from '../../src/groups/permute.js';
import { shrink } from '../../src/groups/shrink.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { builderFor } from '../../src/ops/builder.js';
import { ops } from '../../src/ops/catalogue.js';
import { annotate } from '../../src/runtime/annotate.js';
import { withProgram } from '../../src/runtime/program.js';
import { encode } from '../../src/tensor/convert.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { random } from '../../src/tensor/random.js';
import { dataOf, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { bareGraph, type Case, nameOf } from '../ops/gradients/case.js';
import { tables } from '../ops/gradients/tables.js';
import { masked } from './masked.js';
import { someUnits } from './some-units.js';

const keyOf = ([op, , options]: Case): string => (options?.domain ? `${options.domain}.${op}` : op);
const rows = [...Object.values(tables).flat(), ...integral()].filter((row) => ops[keyOf(row)]?.flow);

/** Ops that gradients do not flow through. */
function integral(): Case[] {
  const numbers = (dtype: 'bool' | 'uint8', shape: readonly number[]): Tensor =>
    tensor(
      dtype,
      shape,
      Uint8Array.from({ length: sizeOf(shape) }, (_, i) => (i * 5) % (dtype === 'bool' ? 2 : 3)),
    );
  const of = (op: string, dtype: 'bool' | 'uint8', attrs = {}): Case => [
    op,
    [],
    { attrs, fixed: { 0: numbers(dtype, [2, 3, 4]), 1: numbers(dtype, [3, 1]) }, dtype: 'float32' },
  ];
  const single = { ...of('Not', 'bool')[2]!, fixed: { 0: numbers('bool', [3, 4]) } };
  const pair = [
    [2, 3, 4],
    [3, 1],
  ];
  return [
    ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map(
      (op): Case => [op, pair, { dtype: 'float32' }],
    ),
    ...['IsNaN', 'IsInf'].map((op): Case => [op, [[3, 4]], { dtype: 'float32' }]),
    ...['And', 'Or', 'Xor'].map((op) => of(op, 'bool')),
    ['Not', [], single],
    of('BitShift', 'uint8', { direction: 'LEFT' }),
    ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((op) => of(op, 'uint8')),
    ['BitwiseNot', [], { ...single, fixed: { 0: numbers('uint8', [3, 4]) } }],
    ['ConstantOfShape', [], { dtype: 'float32', fixed: { 0: int64([2], [3, 4]) } }],
  ];
}

/** They say nothing: sizes are read by others. */
const silent = ['Shape', 'Size'];

/** The node on stored inputs, and the sum of its outputs times stored numbers. */
async function summed(row: Case): Promise<Graph> {
  const { dtype = 'float64', low = -2, high = 2 } = row[2] ?? {};
  const drawn = (shape: readonly number[], stream: string): Tensor => {
    const draw = random(1, stream);
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => low + (high - low) * draw.uniform(i));
    return tensor(dtype, shape, dtype === 'float64' ? Float64Array.from(values) : encode(dtype, values));
  };
  const bare = bareGraph(row);
  const inputs = bare.inputs.map((x) => [x, drawn(x.type!.shape as number[], x.name)] as const);
  const whole: Graph = { ...bare, inputs: [], initializers: new Map([...bare.initializers, ...inputs]) };
  const types = await annotate(whole);
  const g = builderFor(whole, 'sum');
  const parts = bare.outputs.map((y) => {
    const shape = types.get(y)!.shape as number[];
    const factors = g.constant(drawn(shape, y.name));
    return g.reduceSum(
      g.mul(g.op('CastLike', [y, factors]), factors),
      shape.map((_, at) => at),
    );
  });
  const sum = parts.reduce((a, b) => g.add(a, b));
  return { ...g.appendTo({ ...whole, outputs: [] }), outputs: [sum] };
}

const totalOf = (graph: Graph): Promise<number> =>
  withProgram(graph, { threads: 1, optimization: 'basic' }, async (program) =>
    Number(dataOf((await program.run(new Map())).get(graph.outputs[0] as Value)!)[0]),
  );

const met = new Set<string>();

describe('a node without units is the node with zeros for them', () => {
  test.each(rows.map((row) => [nameOf(row), row] as const))('%s', async (_, row) => {
    const flows = await flowsOf(workingCopy(await summed(row)));
    const groups = groupsOf(flows);
    if (groups.length > 0) met.add(keyOf(row));
    for (const seed of [0, 1, 2]) {
      const living = someUnits(groups, seed);
      const [one, other] = [await totalOf(shrink(flows, living)), await totalOf(masked(flows, groups, living))];
      expect(Math.abs(one - other) / Math.max(1, Math.abs(other))).toBeLessThan(
        row[2]?.dtype === 'float32' ? 1e-4 : 1e-9,
      );
    }
  });
});

const reordered = new Set<string>();

describe('a node with its units in another order is the same node', () => {
  test.each(rows.map((row) => [nameOf(row), row] as const))('%s', async (_, row) => {
    const flows = await flowsOf(workingCopy(await summed(row)));
    const groups = movableGroups(flows);
    if (groups.length > 0) reordered.add(keyOf(row));
    const orders = new Map(
      groups.map(({ units }, i) => [units, Array.from(random(2, `group ${i}`).permutation(units.size))] as const),
    );
    const [one, other] = [await totalOf(permuted(flows, orders)), await totalOf(flows.graph)];
    expect(Math.abs(one - other) / Math.max(1, Math.abs(other))).toBeLessThan(
      row[2]?.dtype === 'float32' ? 1e-4 : 1e-9,
    );
  });
});

test('every rule lets something change places', () => {
  const without = Object.entries(ops).flatMap(([name, { flow }]) =>
    flow && !reordered.has(name) && !silent.includes(name) ? [name] : [],
  );
  expect(without).toEqual([]);
});

test('every rule lets something go', () => {
  const without = Object.entries(ops).flatMap(([name, { flow }]) =>
    flow && !met.has(name) && !silent.includes(name) ? [name] : [],
  );
  expect(without).toEqual([]);
});
