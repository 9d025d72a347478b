/** Straight-through rules, against the values they are said to have: differences of a staircase say nothing. */
import { expect, test } from 'vitest';
import { grad } from '../../../src/autodiff/grad.js';
import { prepare } from '../../../src/autodiff/prepare.js';
import type { AttrInput } from '../../../src/ir/node.js';
import type { Dimension, Graph, Value } from '../../../src/ir/types.js';
import { Builder } from '../../../src/ops/builder.js';
import { simplify } from '../../../src/rewrite/simplify.js';
import { withProgram } from '../../../src/runtime/program.js';
import { type DataType, dataTypes } from '../../../src/tensor/dtype.js';
import { dataOf, float32, tensor } from '../../../src/tensor/tensor.js';

const input = (name: string, ...shape: Dimension[]): Value => ({ name, type: { dtype: 'float32', shape } });

/** Gradients of the sum of dequantised values times 1, 2, 3, ... */
async function gradientsOf(
  inputs: readonly (readonly [Value, readonly number[], readonly number[]])[],
  emit: (g: Builder, ...values: Value[]) => Value,
): Promise<number[][]> {
  const values = inputs.map(([value]) => value);
  const g = new Builder(values.map(({ name }) => name));
  const y = g.reshape(emit(g, ...values), [-1]);
  const places = g.floats(Array.from({ length: inputs[0]![1].length }, (_, i) => i + 1));
  const sum = g.reduceSum(g.mul(y, places), [0]);
  const empty = { name: 'q', outputs: [], nodes: [], initializers: new Map(), functions: [] };
  const graph: Graph = g.appendTo({ ...empty, inputs: values, opsets: new Map([['', 21]]) }, [sum]);
  const { graph: ready, types } = await prepare(graph);
  const { graph: whole, gradients } = grad(ready, ready.outputs[0]!, ready.inputs, { types });
  const outputs = ready.inputs.map((value) => gradients.get(value)!);
  return withProgram(simplify({ ...whole, outputs }), { threads: 1 }, async (program) => {
    const feeds = program.inputs.map(({ name }) => {
      const [, data, shape] = inputs.find(([value]) => value.name === name)!;
      const fed = program.inputs.find((value) => value.name === name)!;
      return [fed, float32(shape, Float32Array.from(data))] as const;
    });
    const results = await program.run(new Map(feeds));
    return outputs.map((output) => Array.from(dataOf(results.get(output)!), Number));
  });
}

const x = [-3, -1.26, -0.5, 0, 0.3, 0.74, 1.1, 4];

/** What rounding to even leaves, clamped: the integer of the straight-through rule. */
const even = (v: number): number => {
  const down = Math.floor(v);
  if (v - down !== 0.5) return Math.round(v);
  return down % 2 === 0 ? down : down + 1;
};

function expected(scale: number, zero: number, [least, most]: readonly [number, number]) {
  const dx: number[] = [];
  let dScale = 0;
  x.forEach((v, i) => {
    const place = v / scale + zero;
    const isInside = place >= least - 0.5 && place <= most + 0.5;
    const q = Math.min(most, Math.max(least, even(v / scale) + zero)) - zero;
    dx.push(isInside ? i + 1 : 0);
    dScale += (i + 1) * (q - (isInside ? v / scale : 0));
  });
  return { dx, dScale };
}

function close(found: readonly number[], wanted: readonly number[]): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i]!, 3);
  });
}

const integers: readonly (readonly [DataType, number, number, readonly [number, number]])[] = [
  ['uint8', 0.01, 128, [0, 255]],
  ['int8', 0.01, -5, [-128, 127]],
  ['int16', 0.0001, 0, [-32768, 32767]],
  ['uint4', 0.25, 7, [0, 15]],
  ['int4', 0.25, 1, [-8, 7]],
];

test.each(integers)(
  '%s, one scale: passed inside, stopped outside, a learned step',
  async (dtype, scale, zero, range) => {
    const bytes =
      dataTypes[dtype].bits < 8
        ? Uint8Array.of(zero & 15)
        : dataTypes[dtype].bits === 16
          ? Int16Array.of(zero)
          : Int8Array.of(zero);
    const zeroPoint = tensor(dtype, [], new Uint8Array(bytes.buffer));
    const [dx, dScale] = await gradientsOf(
      [
        [input('x', 8), x, [8]],
        [input('scale'), [scale], []],
      ],
      (g, data, s) => {
        const z = g.constant(zeroPoint);
        return g.op('DequantizeLinear', [g.op('QuantizeLinear', [data, s, z]), s, z]);
      },
    );
    const wanted = expected(scale, zero, range);
    close(dx!, wanted.dx);
    expect(dScale![0]! / Math.max(1, Math.abs(wanted.dScale))).toBeCloseTo(
      wanted.dScale / Math.max(1, Math.abs(wanted.dScale)),
      4,
    );
  },
);

const along = async (
  shape: readonly number[],
  scales: readonly number[],
  scaleShape: readonly number[],
  attrs: Record<string, AttrInput>,
) =>
  gradientsOf(
    [
      [input('x', ...shape), x, shape],
      [input('scale', ...scaleShape), scales, scaleShape],
    ],
    (g, data, s) =>
      g.op('DequantizeLinear', [g.op('QuantizeLinear', [data, s], { output_dtype: 3, ...attrs }), s], attrs),
  );

test('a scale per slice, and arranging quantised values anew', async () => {
  const [dx, dScale] = await along([2, 4], [0.01, 0.02], [2], { axis: 0 });
  close(
    dx!,
    [0, 2, 3, 4, 5, 6, 7, 0].map((v, i) => (i < 4 ? expected(0.01, 0, [-128, 127]).dx[i]! : v === 0 ? 0 : v)),
  );
  expect(dScale!.length).toBe(2);
  expect(dScale![1]).toBeCloseTo(5 * (15 - 15) + 6 * (37 - 37) + 7 * (55 - 55) + 8 * 127, 2);
});

test('a scale per block', async () => {
  const perSlice = await along([2, 4], [0.01, 0.02], [2], { axis: 0 });
  const perBlock = await along([2, 4], [0.01, 0.02], [2, 1], { axis: 1, block_size: 4 });
  close(perBlock[0]!, perSlice[0]!);
  close(perBlock[1]!, perSlice[1]!);
});

test('dynamic quantisation passes everything', async () => {
  const [dx] = await gradientsOf([[input('x', 8), x, [8]]], (g, data) => {
    const [q, scale, zero] = g.ops('DynamicQuantizeLinear', [data], 3);
    const turned = g.reshape(g.transpose(g.reshape(q!, [2, 4]), [1, 0]), [-1]);
    return g.op('DequantizeLinear', [turned, scale!, zero!]);
  });
  close(dx!, [1, 3, 5, 7, 2, 4, 6, 8]);
});

test('products of integers are refused by name', async () => {
  const found = gradientsOf([[input('x', 8), x, [8]]], (g, data) => {
    const [q, scale] = g.ops('DynamicQuantizeLinear', [data], 3);
    const weight = g.constant(tensor('int8', [1, 1], Int8Array.of(3)));
    const product = g.op('MatMulInteger', [g.reshape(q!, [8, 1]), weight]);
    return g.mul(g.op('Cast', [product], { to: 1 }), scale!);
  });
  await expect(found).rejects.toThrow(/Cast '.*': nothing flows back into quantised integers|MatMulInteger/);
});
