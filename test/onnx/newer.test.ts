/** Ops that opset 21 lacks: what they become against the runtime's own kernels, with known, unknown and symbolic sizes. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.js';
import { prepare, typesOf } from '../../src/autodiff/prepare.js';
import type { AttrInput } from '../../src/ir/node.js';
import type { Attr, Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { normalize } from '../../src/onnx/normalize.js';
import { builderFor } from '../../src/ops/builder.js';
import { withProgram } from '../../src/runtime/program.js';
import { isFloat, sizeOf } from '../../src/tensor/dtype.js';
import { dataOf, float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphOf, noise } from '../ops/graphs.js';

interface Row {
  readonly op: string;
  readonly opset: number;
  readonly inputs: readonly (Tensor | null)[];
  readonly attrs?: Record<string, AttrInput>;
  readonly outputs?: number;
}

const float = (value: number): Attr => ({ kind: 'float', value });
const data = (seed: number, ...shape: number[]): Tensor => float32(shape, noise(sizeOf(shape), seed));
const mask = (isSeen: (i: number) => boolean, ...shape: number[]): Tensor =>
  tensor(
    'bool',
    shape,
    Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(isSeen(i))),
  );
const holes = (...shape: number[]): Tensor => mask((i) => i % 3 !== 1, ...shape);
const [q, k, v] = [data(1, 2, 4, 3, 8), data(2, 2, 2, 5, 8), data(3, 2, 2, 5, 6)];
const past = [data(4, 2, 2, 4, 8), data(5, 2, 2, 4, 6)];
const counts = [null, null, null, int64([2], [2, 5])];
const attention = (inputs: Row['inputs'], attrs: Record<string, AttrInput> = {}, outputs = 1): Row => ({
  op: 'Attention',
  opset: 24,
  inputs,
  attrs,
  outputs,
});
const rotary = (inputs: Row['inputs'], attrs: Record<string, AttrInput> = {}): Row => ({
  op: 'RotaryEmbedding',
  opset: 23,
  inputs,
  attrs,
});
const positions = int64([2, 3], [4, 0, 2, 1, 1, 3]);

const rows: readonly (readonly [string, Row])[] = [
  ['Attention', attention([q, data(2, 2, 4, 5, 8), data(3, 2, 4, 5, 6)])],
  ['Attention of shared keys', attention([q, k, v], { is_causal: 1 })],
  [
    'Attention on three axes',
    attention([data(1, 2, 3, 32), data(2, 2, 5, 16), data(3, 2, 5, 12)], {
      q_num_heads: 4,
      kv_num_heads: 2,
      scale: float(0.3),
    }),
  ],
  ['Attention with a cap and a mask', attention([q, k, v, holes(2, 1, 3, 5)], { softcap: float(0.5) })],
  ['Attention with a mask of numbers', attention([q, k, v, data(6, 4, 3, 5)], { is_causal: 1 })],
  [
    'Attention of a query without keys',
    attention([q, k, v, mask((i) => i > 4, 3, 5)], { qk_matmul_output_mode: 3 }, 4),
  ],
  ['Attention with a past', attention([q, k, v, holes(3, 9), ...past], { is_causal: 1 }, 3)],
  ['Attention with counts of keys', attention([q, k, v, ...counts])],
  ['causal Attention with counts of keys', attention([q, k, v, ...counts], { is_causal: 1 })],
  ['Attention in another precision', attention([q, k, v, holes(3, 5)], { softmax_precision: 11 })],
  ['Attention with its scores', attention([q, k, v, data(6, 3, 5)], { softcap: float(2) }, 4)],
  ['RotaryEmbedding', rotary([data(1, 2, 4, 3, 8), data(2, 5, 4), data(3, 5, 4), positions])],
  [
    'RotaryEmbedding of neighbours',
    rotary([data(1, 2, 4, 3, 8), data(2, 2, 3, 4), data(3, 2, 3, 4)], { interleaved: 1 }),
  ],
  [
    'RotaryEmbedding of a part',
    rotary([data(1, 2, 4, 3, 8), data(2, 5, 2), data(3, 5, 2), positions], { rotary_embedding_dim: 4 }),
  ],
  [
    'RotaryEmbedding on three axes',
    rotary([data(1, 2, 3, 32), data(2, 5, 4), data(3, 5, 4), positions], { num_heads: 4, interleaved: 1 }),
  ],
];

const forms = ['known', 'unknown', 'symbolic'] as const;

describe.each(rows)('%s', (_, row) => {
  test.each(forms)('with %s sizes gives what its kernel gives', async (form) => {
    const graph = graphFor(row, form);
    const normal = normalize(graph);
    verify(normal);
    expect(normal.nodes.some(({ op }) => op === row.op)).toBe(false);
    expectClose(await run(normal, row), await run(graph, row));
  });

  test('has the same finite gradients with symbolic sizes', async () => {
    const [wanted, got] = [await gradients(row, 'known'), await gradients(row, 'symbolic')];
    expect(wanted.flatMap((t) => [...(dataOf(t) as Float32Array)]).every(Number.isFinite)).toBe(true);
    expectClose(got, wanted);
  });
});

describe('CumProd', () => {
  const x = [2, 0, 3, -1, 5, 0.5];
  const cases: readonly (readonly [Record<string, AttrInput>, readonly number[]])[] = [
    [{}, [2, 0, 0, -1, -5, -2.5]],
    [{ exclusive: 1 }, [1, 2, 0, 1, -1, -5]],
    [{ reverse: 1 }, [0, 0, 3, -2.5, 2.5, 0.5]],
    [{ reverse: 1, exclusive: 1 }, [0, 3, 1, 2.5, 0.5, 1]],
  ];
  test.each(cases)('%o', async (attrs, wanted) => {
    for (const form of ['known', 'computed'] as const) {
      const row: Row = {
        op: 'CumProd',
        opset: 26,
        inputs: [float32([2, 3], Float32Array.from(x)), int64([], [-1])],
        attrs,
      };
      const graph = graphFor(row, 'known', form === 'known' ? [1] : []);
      const [y] = await run(normalize(graph), row);
      expect(Array.from(dataOf(y!) as Float32Array, (value) => value + 0)).toEqual(wanted);
    }
  });
});

test('a mask for fewer keys than there are hides the others', async () => {
  const short = attention([q, k, v, holes(3, 4)]);
  const seen = holes(3, 4);
  const bits = dataOf(seen) as Uint8Array;
  const long = attention([q, k, v, mask((i) => i % 5 < 4 && bits[4 * Math.floor(i / 5) + (i % 5)] === 1, 3, 5)]);
  const numbers = attention([
    q,
    k,
    v,
    float32(
      [3, 4],
      Float32Array.from(bits, (bit) => (bit ? 0 : -Infinity)),
    ),
  ]);
  const wanted = await run(graphFor(long, 'known'), long);
  for (const row of [short, numbers]) expectClose(await run(normalize(graphFor(row, 'symbolic')), row), wanted);
});

/** Sizes may be hidden behind an Identity, which leaves the type open, or have names. */
function graphFor(
  { op, opset, inputs, attrs, outputs = 1 }: Row,
  form: (typeof forms)[number],
  stored: number[] = [],
): Graph {
  const named = inputs.map((t, i): Value | null => {
    if (!t) return null;
    const shape = form === 'symbolic' ? t.shape.map((_, axis) => `d${i}_${axis}`) : t.shape;
    return { name: `x${i}`, type: { dtype: t.dtype, shape } };
  });
  const fed = named.filter((value, i): value is Value => value !== null && !stored.includes(i));
  return graphOf(
    fed,
    (g) => {
      const given = named.map((value, i) => {
        if (value && stored.includes(i)) return g.constant(inputs[i]!);
        // a mask has to say what it is
        return value && form === 'unknown' && i < 3 ? g.op('Identity', [value]) : value;
      });
      return g.ops(op, given, outputs, attrs);
    },
    opset,
  );
}

async function run(graph: Graph, row: Row): Promise<Tensor[]> {
  const feeds = new Map(graph.inputs.map((value) => [value, row.inputs[Number(value.name.slice(1))]!]));
  return withProgram(graph, {}, async (program) => {
    const results = await program.run(feeds);
    return graph.outputs.map((output) => results.get(output)!);
  });
}

/** Of the sum of the squares of all outputs. */
async function gradients(row: Row, form: (typeof forms)[number]): Promise<Tensor[]> {
  const { graph } = await prepare(graphFor(row, form));
  const g = builderFor(graph, 'sum');
  const sums = graph.outputs.map((y) => g.op('ReduceSumSquare', [y], { keepdims: 0 }));
  const whole = g.appendTo(graph, [sums.reduce((a, b) => g.add(a, b))]);
  const wrt = whole.inputs.filter(({ type }) => isFloat(type!.dtype));
  const made = grad(whole, whole.outputs.at(-1)!, wrt, { types: await typesOf(whole) });
  return run({ ...made.graph, outputs: wrt.map((value) => made.gradients.get(value)!) }, row);
}

function expectClose(got: readonly Tensor[], wanted: readonly Tensor[]): void {
  expect(got.map(({ dtype, shape }) => [dtype, shape])).toEqual(wanted.map(({ dtype, shape }) => [dtype, shape]));
  for (const [i, t] of wanted.entries()) {
    const [a, b] = [dataOf(got[i]!), dataOf(t)] as [Float32Array, Float32Array];
    expect(Math.max(0, ...a.map((x, at) => Math.abs(x - b[at]!)))).toBeLessThan(1e-4);
  }
}
