import { describe, expect, test } from 'vitest';
import { inspectText } from '../../src/cli/inspect-text.js';
import type { Graph, Model, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { Builder } from '../../src/ops/builder.js';
import { inspect } from '../../src/pipeline/inspect/inspect.js';
import { random } from '../../src/tensor/random.js';
import { shared } from '../helpers/shared.js';

const modelOf = (weights: readonly (readonly [values: Float32Array, rows: number, columns: number])[]): Model => {
  const g = new Builder([], 'n');
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: ['batch', weights[0]![2]] } };
  let h = x;
  for (const [values, rows, columns] of weights) {
    h = g.op('Relu', [g.op('Gemm', [h, g.floats(values, [rows, columns])], { transB: 1 })]);
  }
  const graph: Graph = {
    name: 'net',
    inputs: [x],
    outputs: [h],
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([['', 17]]),
    functions: [],
  };
  return { graph, irVersion: 8, producer: 'test', metadata: new Map([['author', 'nobody']]) };
};

const dense = (size: number): Float32Array => random(1, 'dense').normals(size);
const keep = (size: number, keeps: (i: number) => boolean): Float32Array =>
  dense(size).map((value, i) => (keeps(i) ? value : 0));

describe('inspect', () => {
  test('a model named by a relative path is not its own external data', () => {
    const { model } = inspect(load('models/gpt-sotu/model.onnx'), { zeros: false });
    expect([model.externalData, model.bytes]).toEqual([[], 14_042_098]);
  });

  test('describes a model in memory', () => {
    const report = inspect(
      modelOf([
        [dense(64), 8, 8],
        [keep(64, (i) => i % 4 < 2), 8, 8],
        [dense(64), 8, 8],
      ]),
    );
    expect(report).toMatchObject({
      kind: 'inspect',
      model: {
        irVersion: 8,
        opsets: { 'ai.onnx': 17 },
        producer: 'test',
        metadata: { author: 'nobody' },
        externalData: [],
      },
      inputs: [{ name: 'x', dtype: 'float32', shape: ['batch', 8] }],
      ops: [
        { op: 'Gemm', domain: '', count: 3 },
        { op: 'Relu', domain: '', count: 3 },
      ],
      parameters: { tensors: 3, elements: 192, bytes: 768, byType: [{ dtype: 'float32', nonZero: 160 }] },
      skipped: [],
      warnings: [],
    });
    expect(report.layers.map(({ sparsity, pattern, leftByDefault }) => [sparsity, pattern, leftByDefault])).toEqual([
      [0, undefined, undefined],
      [0.5, '2:4', undefined],
      [0, undefined, 'output head'],
    ]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test.each([
    ['2:4', (i: number) => i % 4 < 2],
    ['1:4', (i: number) => i % 4 === 3],
    ['4:8', (i: number) => i % 8 < 4],
    ['2:8', (i: number) => i % 8 < 2],
    ['8:16', (i: number) => i % 16 > 7],
    [undefined, (i: number) => i < 512],
    [undefined, () => false],
  ] as const)('finds the pattern %s', (pattern, keeps) => {
    expect(inspect(modelOf([[keep(1024, keeps), 16, 64]])).layers[0]!.pattern).toBe(
      pattern === '2:8' ? '2:4' : pattern,
    );
  });

  test('does not count zeros when told not to', () => {
    const report = inspect(modelOf([[dense(64), 8, 8]]), { zeros: false });
    expect(report.parameters.byType[0]).not.toHaveProperty('nonZero');
    expect(report.layers[0]).not.toHaveProperty('sparsity');
    expect(inspectText(report)).toContain('?');
  });

  const gpt = shared('models/gpt-sotu/model.onnx');

  test.skipIf(!gpt)('describes the small GPT', () => {
    const report = inspect(load(gpt!), { regions: 'block' });
    expect(report.layers).toHaveLength(25);
    expect(report.regions?.map(({ kind, weights }) => [kind, weights])).toEqual([
      ...Array.from({ length: 6 }, () => ['block', 442_368]),
      ['head', 393_216],
    ]);
    expect(report.model.bytes).toBeGreaterThan(13e6);
    const text = inspectText(report);
    expect(text).toContain('[batch, sequence, 2048]');
    expect(text).toContain('output head');
    expect(text).toMatch(/^block\.5 +block +442,368 +\d/m);
  });
});
