import { describe, expect, test } from 'vitest';
import { compareText } from '../../src/cli/compare-text.js';
import { exitCodes, UserError } from '../../src/errors.js';
import { attrs } from '../../src/ir/node.js';
import type { Graph, Model, Node, Value } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import { load, loadBytes } from '../../src/onnx/load.js';
import { Builder } from '../../src/ops/builder.js';
import { compare } from '../../src/pipeline/compare/compare.js';
import { bake } from '../../src/rewrite/bake.js';
import { float32, tensor } from '../../src/tensor/tensor.js';
import { shared } from '../helpers/shared.js';

const first = Float32Array.of(1, 2, 3, 4, 5, 6);

function network(): Graph {
  const g = new Builder([], 'n');
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: [2, 3] } };
  const h = g.op('LeakyRelu', [g.matmul(x, g.floats(first, [3, 2]))], { alpha: { kind: 'float', value: 0.5 } });
  const y = { name: 'y', type: { dtype: 'float32', shape: [2, 2] } } as const;
  g.nodes.push({ name: 'last', op: 'Softmax', domain: '', inputs: [h], outputs: [y], attrs: attrs({ axis: 1 }) });
  return {
    name: 'net',
    inputs: [x],
    outputs: [y],
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([['', 17]]),
    functions: [],
  };
}

const modelOf = (graph: Graph): Model => loadBytes(encode(graph));
const weightOf = (graph: Graph): Value => [...graph.initializers.keys()][0]!;
const withLast = (graph: Graph, change: Partial<Node>): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => (node.name === 'last' ? { ...node, ...change } : node)),
});

describe('compare', () => {
  test('finds nothing between a model and itself', async () => {
    const report = await compare(modelOf(network()), modelOf(network()));
    expect(report).toMatchObject({ equal: true, structure: [], weights: { same: 1, different: [] }, fields: [] });
    expect(report.outputs).toMatchObject({ outputs: [{ name: 'y', maxAbsolute: 0, relative: 0, isWithin: true }] });
    expect(compareText(report)).toMatch(/equal$/);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test('an end that was asked for is no difference', async () => {
    const reason = new UserError('interrupted', 'stop', { exitCode: exitCodes.interrupted });
    const stopped = compare(modelOf(network()), modelOf(network()), { signal: AbortSignal.abort(reason) });
    await expect(stopped).rejects.toBe(reason);
  });

  test('counts changed weights, zeros and the largest change', async () => {
    const graph = network();
    const pruned = bake(graph, new Map([[weightOf(graph), float32([3, 2], Float32Array.of(0, 2, 3, 4, 0, 6.5))]]));
    const report = await compare(modelOf(graph), modelOf(pruned));
    expect(report.equal).toBe(false);
    expect(report.structure).toEqual([]);
    expect(report.weights?.different).toEqual([
      {
        name: weightOf(graph).name,
        change: 'changed',
        before: { dtype: 'float32', shape: [3, 2], zeros: 0 },
        after: { dtype: 'float32', shape: [3, 2], zeros: 2 },
        changed: 3,
        maxAbsolute: 5,
      },
    ]);
    expect(report.outputs?.outputs[0]?.isWithin).toBe(false);
    expect(compareText(report)).toMatch(/changed float32\[3, 2\] +3 +5 +0 +2/);
  });

  test('tells a sign of zero from equality, and its outputs are within tolerance', async () => {
    const graph = network();
    const zero = (value: number): Graph =>
      bake(graph, new Map([[weightOf(graph), float32([3, 2], Float32Array.of(value, 2, 3, 4, 5, 6))]]));
    const report = await compare(modelOf(zero(0)), modelOf(zero(-0)));
    expect(report.weights?.different).toMatchObject([{ changed: 1, maxAbsolute: 0 }]);
    expect(report.outputs?.outputs[0]?.isWithin).toBe(true);
    expect(await compare(modelOf(zero(0)), modelOf(zero(-0)), { parts: ['structure', 'outputs'] })).toMatchObject({
      equal: true,
    });
  });

  test.each<[string, (graph: Graph) => Graph, object[]]>([
    [
      'an attribute',
      (graph) => withLast(graph, { attrs: attrs({ axis: 0 }) }),
      [{ where: "Softmax 'last'", change: 'changed', details: ['attribute axis: int 1 became int 0'] }],
    ],
    [
      'an op',
      (graph) => withLast(graph, { op: 'LogSoftmax' }),
      [{ where: "Softmax 'last'", change: 'changed', details: ['op: Softmax became LogSoftmax'] }],
    ],
    [
      'a node name',
      (graph) => withLast(graph, { name: 'other' }),
      [{ where: "Softmax 'last'", change: 'changed', details: ['name: last became other'] }],
    ],
    [
      'an opset',
      (graph) => ({ ...graph, opsets: new Map([['', 18]]) }),
      [{ where: 'opset ai.onnx', details: ['17 became 18'] }],
    ],
    [
      'a new output',
      (graph) => ({ ...graph, outputs: [...graph.outputs, graph.nodes[0]!.outputs[0]!] }),
      [{ where: "output 'n/MatMul'", change: 'added' }],
    ],
    [
      'an input shape',
      (graph) => {
        const x: Value = { name: 'x', type: { dtype: 'float32', shape: ['batch', 3] } };
        const nodes = graph.nodes.map((node) => ({
          ...node,
          inputs: node.inputs.map((v) => (v?.name === 'x' ? x : v)),
        }));
        return { ...graph, inputs: [x], nodes };
      },
      [{ where: "input 'x'", change: 'changed', details: ['float32[2, 3] became float32[batch, 3]'] }],
    ],
    [
      'a removed node',
      (graph) => ({ ...graph, nodes: graph.nodes.slice(0, -1), outputs: [graph.nodes[1]!.outputs[0]!] }),
      [
        { where: "output 'y'", change: 'removed' },
        { where: "output 'n/LeakyRelu'", change: 'added' },
        { where: "Softmax 'last'", change: 'removed' },
      ],
    ],
  ])('names %s that differs', async (_what, change, expected) => {
    const report = await compare(modelOf(network()), modelOf(change(network())), { parts: ['structure'] });
    expect(report.equal).toBe(false);
    expect(report.structure).toMatchObject(expected);
    expect(report.structure).toHaveLength(expected.length);
  });

  test('says when a weight changed its type, went or came', async () => {
    const graph = network();
    const half = tensor('float16', [3, 2], Uint16Array.of(1, 2, 3, 4, 5, 6));
    const retyped = await compare(
      modelOf(graph),
      modelOf({ ...graph, initializers: new Map([[weightOf(graph), half]]) }),
      {
        parts: ['weights'],
      },
    );
    expect(retyped.weights?.different).toMatchObject([{ change: 'retyped', after: { dtype: 'float16' } }]);
    const other = await compare(
      modelOf(graph),
      modelOf({ ...graph, initializers: new Map([...graph.initializers, [{ name: 'more' }, half]]) }),
      { parts: ['weights'] },
    );
    expect(other.weights?.different).toMatchObject([{ name: 'more', change: 'added' }]);
  });

  test('names fields that nothing else covers', async () => {
    const bytes = encode(network());
    const docString = Buffer.from([0x32, 2, 0x68, 0x69]);
    const report = await compare(loadBytes(bytes), loadBytes(Buffer.concat([bytes, docString])));
    expect(report).toMatchObject({
      equal: false,
      structure: [],
      weights: { different: [] },
      fields: ['model docString'],
    });
    const unknown = Buffer.from([0x98, 0x06, 1]);
    const odd = await compare(loadBytes(bytes), loadBytes(Buffer.concat([bytes, unknown])), { parts: ['fields'] });
    expect(odd.fields).toEqual(['model unknown field 99']);
  });

  test('gives the reason when outputs cannot be compared', async () => {
    const graph = network();
    const z: Value = { name: 'z', type: { dtype: 'float32', shape: [2, 3] } };
    const nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map((v) => (v?.name === 'x' ? z : v)) }));
    const report = await compare(modelOf(graph), modelOf({ ...graph, inputs: [z], nodes }), { parts: ['outputs'] });
    expect(report.equal).toBe(false);
    expect(report.outputs?.failure).toContain("the input 'z'");
    expect(compareText(report)).toContain('not comparable');
  });

  const gpt = shared('models/gpt-sotu/model.onnx');

  test.skipIf(!gpt)('runs the small GPT on random tokens', async () => {
    const report = await compare(load(gpt!), load(gpt!), { threads: 1 });
    expect(report).toMatchObject({ equal: true, outputs: { outputs: [{ name: 'logits', maxAbsolute: 0 }] } });
  });
});
