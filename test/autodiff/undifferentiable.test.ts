/** What `grad` would refuse: all of it, found without running anything. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.js';
import { prepare } from '../../src/autodiff/prepare.js';
import { inspectText } from '../../src/cli/inspect-text.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import { findRefusals } from '../../src/pipeline/inspect/gradients.js';
import { inspect } from '../../src/pipeline/inspect/inspect.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { float32, int64, tensor } from '../../src/tensor/tensor.js';

const x: Value = { name: 'x', type: { dtype: 'float32', shape: [1, 4, 4] } };
const empty = { name: 'graph', outputs: [], nodes: [], initializers: new Map() };

function graphOf(emit: (g: Builder) => Value, opset = 21): Graph {
  const g = new Builder(['x'], 'n');
  const opsets = new Map([
    ['', opset],
    ['com.microsoft', 1],
  ]);
  return g.appendTo({ ...empty, inputs: [x], opsets, functions: [] }, [emit(g)]);
}

/** Doubles `start` while its sum is small, with one more op in each step. */
function untilLarge(g: Builder, start: Value, inside: (t: Builder, state: Value) => Value): Value {
  const turn: Value = { name: 'turn', type: { dtype: 'int64', shape: [] } };
  const going: Value = { name: 'going', type: { dtype: 'bool', shape: [] } };
  const state: Value = { ...x, name: 'state' };
  const t = new Builder(['x', 'turn', 'going', 'state'], 'body');
  const next = inside(t, t.add(state, state));
  const goesOn = t.op('Less', [t.reduceSum(next, [0, 1, 2]), t.scalar(100)]);
  const body = { ...empty, inputs: [turn, going, state], opsets: new Map([['', 21]]), functions: [] };
  const always = g.constant(tensor('bool', [], Uint8Array.of(1)));
  return g.op('Loop', [g.constant(int64([], [9])), always, start], {
    body: { kind: 'graph', value: t.appendTo(body, [goesOn, next]) },
  });
}

const random = (g: Builder, at: Value): Value => g.op('Bernoulli', [at]);

const noRule = (op: string): string =>
  `grad: expected a gradient rule for ${op} of opset 21, found none; extract the graph before it, or add one in src/ops`;
const byData =
  'Loop: expected a trip count and a condition that is always true, got a loop that ends by its data; extract the graph before it';
const sizes = "Col2Im: expected constant 'image_shape' and 'block_shape', got computed ones; fold them";

const columns = (g: Builder, at: Value): Value => {
  const computed = g.op('Cast', [g.op('Cast', [g.ints([3, 3])], { to: 1 })], { to: 7 });
  return g.op('Col2Im', [at, computed, g.ints([2, 2])]);
};

type Found = readonly [op: string, nodes: number, reason: string];

const rows: readonly (readonly [name: string, emit: (g: Builder) => Value, expected: readonly Found[]])[] = [
  ['nothing', (g) => g.op('Tanh', [x]), []],
  ['an op without a rule', (g) => random(g, x), [['Bernoulli', 1, noRule('Bernoulli')]]],
  [
    'an op that nothing flows to',
    (g) => g.mul(x, g.op('EyeLike', [g.op('Squeeze', [x, g.ints([0])])], { dtype: 1 })),
    [],
  ],
  ['a rule that refuses', (g) => columns(g, x), [['Col2Im', 1, sizes]]],
  ['a loop that ends by its data', (g) => untilLarge(g, x, (t, s) => t.op('Tanh', [s])), [['Loop', 1, byData]]],
  [
    'one behind the other, and in a body',
    (g) => columns(g, g.op('Tanh', [untilLarge(g, random(g, g.op('Sin', [random(g, x)])), random)])),
    [
      ['Bernoulli', 3, noRule('Bernoulli')],
      ['Loop', 1, byData],
      ['Col2Im', 1, sizes],
    ],
  ],
];

describe('undifferentiable', () => {
  test.each(rows)('%s', async (_name, emit, expected) => {
    const graph = graphOf(emit);
    const found = await findRefusals(graph);
    expect(found.map(({ op, count, reason }) => [op, count, reason])).toEqual(expected);
    await expectAgreement(graph, expected.length > 0);
  });

  test('forms that have no counterpart in the opset of the copy', async () => {
    const twice = (g: Builder): Value => [0, 0].reduce((at) => g.op('BitCast', [at], { to: 1 }), g.op('Sin', [x]));
    const reason = 'BitCast: BitCast is not in opset 21; export with opset 21 or below';
    expect(await findRefusals(graphOf(twice, 26))).toMatchObject([{ op: 'BitCast', count: 2, reason }]);
  });

  test('layers that the runtime does not load', async () => {
    const graph = graphOf((g) => {
      const [w, r] = [4, 3].map((size) => g.constant(float32([1, 12, size], new Float32Array(12 * size)))) as [
        Value,
        Value,
      ];
      return g.ops('LSTM', [x, w, r], 1, { hidden_size: 3, layout: 1 })[0] as Value;
    });
    const reason = 'LSTM: expected layout 0, got 1, which the runtime does not compute; transpose';
    expect(await findRefusals(graph)).toMatchObject([{ op: 'LSTM', count: 1, reason }]);
    await expectAgreement(graph, true);
  });

  test('expansions that refuse, beside ops without a rule', async () => {
    const graph = graphOf((g) => {
      const [weight, zeros] = [[4, 1, 8], [4]].map((shape) =>
        g.constant(tensor('uint8', shape, new Uint8Array(sizeOf(shape)))),
      );
      const scale = g.constant(float32([4], new Float32Array(4).fill(1)));
      const order = g.constant(tensor('int32', [4], new Int32Array(4)));
      const inputs = [random(g, x), weight as Value, scale, zeros as Value, order];
      const sizes = { K: 4, N: 4, bits: 4, block_size: 16 };
      return g.ops('MatMulNBits', inputs, 1, sizes, 'com.microsoft')[0] as Value;
    });
    expect(await findRefusals(graph)).toMatchObject([
      { op: 'Bernoulli', opset: 21, count: 1 },
      {
        op: 'com.microsoft.MatMulNBits',
        opset: 1,
        count: 1,
        reason: expect.stringContaining('g_idx beside zero points'),
      },
    ]);
  });

  test('as text', async () => {
    const graph = graphOf((g) => columns(g, x));
    const model = { graph, irVersion: 10, producer: '', metadata: new Map<string, string>() };
    const report = { ...inspect(model), undifferentiable: await findRefusals(graph) };
    expect(inspectText(report)).toContain(sizes);
  });
});

/** `grad` refuses what was found, and nothing else. */
async function expectAgreement(graph: Graph, isRefused: boolean): Promise<void> {
  const attempt = async (): Promise<unknown> => {
    const { graph: copy, types } = await prepare(graph);
    return grad(copy, copy.outputs[0] as Value, [copy.inputs[0] as Value], { types });
  };
  if (isRefused) await expect(attempt()).rejects.toMatchObject({ name: 'UserError', exitCode: 3 });
  else await attempt();
}
