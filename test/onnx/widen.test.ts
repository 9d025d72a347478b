import { describe, expect, test } from 'vitest';
import { subgraphs } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { widen } from '../../src/onnx/widen.js';
import { Builder } from '../../src/ops/builder.js';
import { withProgram } from '../../src/runtime/program.js';
import { encode, floatsOf, tensorOf } from '../../src/tensor/convert.js';
import { dataOf, float32, tensor } from '../../src/tensor/tensor.js';
import { graphOf, noise } from '../ops/graphs.js';

const half = 'float16' as const;

function halfGraph(): { graph: Graph; x: Value } {
  const x: Value = { name: 'x', type: { dtype: half, shape: ['n', 4] } };
  const branch = (op: string): Graph => {
    const g = new Builder(['x'], op);
    const y = g.op(op, [x]);
    return { ...graphOf([], () => []), inputs: [], nodes: g.nodes, outputs: [{ ...y, type: { dtype: half } }] };
  };
  const graph = graphOf([x], (g) => {
    const w = g.constant(tensorOf(half, [4, 3], noise(12)));
    const h = g.op('Cast', [g.op('Cast', [g.matmul(x, w)], { to: 1 })], { to: 10 });
    const mask = g.constant(tensor(half, [3], Uint16Array.of(0, 0xfc00, 0)));
    const fill = { kind: 'tensor', value: tensor(half, [1], encode(half, Float32Array.of(0.5))) } as const;
    const bias = g.op('ConstantOfShape', [g.ints([3])], { value: fill });
    const chosen = g.ops('If', [g.constant(tensor('bool', [], Uint8Array.of(1)))], 1, {
      then_branch: { kind: 'graph', value: rename(branch('Relu')) },
      else_branch: { kind: 'graph', value: rename(branch('Neg')) },
    })[0] as Value;
    return [g.op('Softmax', [g.add(g.add(h, mask), bias)]), chosen];
  });
  return { graph, x };
}

/** A branch whose node makes the declared output itself. */
const rename = (body: Graph): Graph => ({
  ...body,
  nodes: body.nodes.map((node) => ({ ...node, outputs: body.outputs })),
});

describe('widen', () => {
  test('leaves no half precision behind and computes the same in float32', async () => {
    const { graph, x } = halfGraph();
    const { graph: wide, values } = widen(graph);
    expect(JSON.stringify(typesIn(wide))).not.toMatch(/float16/);
    const wideX = values.get(x)!;
    expect(wideX).toEqual({ name: 'x', type: { dtype: 'float32', shape: ['n', 4] } });
    const data = noise(8, 5);
    const [narrowY, narrowC] = await run(graph, x, tensorOf(half, [2, 4], data));
    const [wideY, wideC] = await run(wide, wideX, float32([2, 4], floatsOf(tensorOf(half, [2, 4], data))));
    expect(largestDifference(floatsOf(narrowY!), floatsOf(wideY!))).toBeLessThan(2e-3);
    expect(floatsOf(wideC!)).toEqual(floatsOf(narrowC!));
  });

  test('converts weights only when read, by range', () => {
    let reads = 0;
    const stored = tensorOf('bfloat16', [6], Float32Array.of(1, -2, 3.5, Number.POSITIVE_INFINITY, 0, -0.125));
    const read = (offset?: number, length?: number): Uint8Array => {
      reads++;
      return stored.payload.read(offset, length);
    };
    const counted = { ...stored, payload: { byteLength: 12, read } };
    const graph = graphOf([], (g) => [g.op('Identity', [g.constant(counted)])]);
    const [wide] = widen(graph).graph.initializers.values();
    expect(reads).toBe(0);
    expect([...dataOf(wide!)]).toEqual([1, -2, 3.5, 255 * 2 ** 120, 0, -0.125]);
    const whole = wide!.payload.read();
    expect(wide!.payload.read(5, 9)).toEqual(whole.slice(5, 14));
  });

  test('keeps every object of a graph without half precision', () => {
    const graph = graphOf([], (g) => [g.op('Relu', [g.floats([1, 2])])]);
    const { graph: wide, values } = widen(graph);
    expect(values.size).toBe(0);
    expect(wide.nodes[0]).toBe(graph.nodes[0]);
    expect(wide.outputs).toEqual(graph.outputs);
  });
});

const run = (graph: Graph, x: Value, t: ReturnType<typeof float32>) =>
  withProgram(graph, {}, async (program) => {
    const results = await program.run(new Map([[x, t]]));
    return graph.outputs.map((output) => results.get(output));
  });

const typesIn = (graph: Graph): unknown[] => [
  ...[...graph.inputs, ...graph.outputs].map(({ type }) => type?.dtype),
  ...[...graph.initializers.values()].map(({ dtype }) => dtype),
  ...graph.nodes.flatMap((node) => [
    ...Object.values(node.attrs).map((attr) =>
      attr.kind === 'tensor' ? attr.value.dtype : attr.kind === 'int' && attr.value === 10n ? 'float16' : '',
    ),
    ...subgraphs(node).flatMap(typesIn),
  ]),
];

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
