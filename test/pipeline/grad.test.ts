/** `scalpel grad` and `scalpel gradcheck`: names, inputs and outputs of what is written, and what it computes. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { feeds } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { Builder } from '../../src/ops/builder.js';
import type { GradDocument } from '../../src/pipeline/grad/request.js';
import type { GradcheckDocument } from '../../src/pipeline/gradcheck/request.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, int64, type Tensor } from '../../src/tensor/tensor.js';
import { runScalpel } from '../cli/run-scalpel.js';
import { temporaryFolder } from '../helpers/onnx-files.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** logits = x weight + loss, where the bias bears the name that the loss would have. */
async function netFile(name: string): Promise<string> {
  const g = new Builder();
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: ['batch', 2] } };
  const weight: Value = { name: 'weight', type: { dtype: 'float32', shape: [2, 3] } };
  const bias: Value = { name: 'loss', type: { dtype: 'float32', shape: [3] } };
  const logits: Value = { name: 'logits', type: { dtype: 'float32', shape: ['batch', 3] } };
  const last = g.add(g.matmul(x, weight), bias);
  const graph: Graph = {
    name: 'net',
    inputs: [x],
    outputs: [logits],
    nodes: g.nodes.map((node) => (node.outputs[0] === last ? { ...node, outputs: [logits] } : node)),
    initializers: new Map([
      [weight, float32([2, 3], Float32Array.of(0.5, -1, 2, 1, 0.25, -0.5))],
      [bias, float32([3], Float32Array.of(0.1, 0, -0.1))],
    ]),
    opsets: new Map([['', 13]]),
    functions: [],
  };
  const path = join(folder, name);
  await save({ graph, irVersion: 8, producer: 'test', metadata: new Map() }, path);
  return path;
}

const net = await netFile('net.onnx');
const x = float32([2, 2], Float32Array.of(1, 2, -1, 0.5));

async function written(line: string): Promise<{ document: GradDocument; graph: Graph }> {
  const output = join(folder, 'grad.onnx');
  const { exitCode, stdout, stderr } = await runScalpel([
    'grad',
    net,
    ...line.split(' '),
    '-o',
    output,
    '--force',
    '--json',
  ]);
  expect(exitCode, stderr).toBe(0);
  const { graph } = load(output);
  verify(graph);
  return { document: JSON.parse(stdout) as GradDocument, graph };
}

async function results(graph: Graph, given: Readonly<Record<string, Tensor>>): Promise<Record<string, number[]>> {
  const found = await withProgram(graph, {}, ({ run }) => run(new Map(feeds(graph).map((v) => [v, given[v.name]!]))));
  return Object.fromEntries([...found].map(([value, t]) => [value.name, Array.from(floatsOf(t))]));
}

const names = (values: readonly Value[]): string[] => values.map(({ name }) => name);

describe('scalpel grad', () => {
  test('has a target, the loss, the outputs and the gradients; dimensions stay symbolic; a taken name gives way', async () => {
    const { document, graph } = await written('--loss cross-entropy --wrt all');
    expect(names(graph.inputs)).toEqual(['x', 'target']);
    expect(graph.inputs[1]!.type).toEqual({ dtype: 'int64', shape: ['batch'] });
    expect(names(graph.outputs)).toEqual(['scalpel/loss', 'logits', 'grad/x', 'grad/weight', 'grad/loss']);
    expect(graph.outputs[2]!.type).toEqual({ dtype: 'float32', shape: ['batch', 2] });
    expect(document.notes).toEqual(["the model has a 'loss' of its own; ours is 'scalpel/loss'"]);
    const found = await results(graph, { x, target: int64([2], [2, 0]) });
    const bias = found['grad/loss']!;
    expect(bias[0]! + bias[1]! + bias[2]!).toBeCloseTo(0, 6);
    expect(graph.initializers.size).toBeGreaterThan(1);
  });

  test('weights become inputs on request, those that are asked for', async () => {
    const { graph } = await written('--loss mse --wrt weight --weights-as-inputs');
    expect(names(graph.inputs)).toEqual(['x', 'weight', 'target']);
    expect(graph.inputs[2]!.type).toEqual({ dtype: 'float32', shape: ['batch', 3] });
    expect(names([...graph.initializers.keys()])).toContain('loss');
    expect(names([...graph.initializers.keys()])).not.toContain('weight');
  });

  test('a value that is no scalar is weighted by a seed, or summed', async () => {
    const seeded = await written('--of logits --wrt inputs');
    expect(names(seeded.graph.inputs)).toEqual(['x', 'seed/logits']);
    expect(names(seeded.graph.outputs)).toEqual(['logits', 'grad/x']);
    const seed = float32([2, 3], Float32Array.of(1, 0, 0, 0, 0, 2));
    expect((await results(seeded.graph, { x, 'seed/logits': seed }))['grad/x']).toEqual([0.5, 1, 4, -1]);
    const summed = await written('--of logits --wrt inputs --sum');
    expect(names(summed.graph.outputs)).toEqual(['scalpel/loss', 'logits', 'grad/x']);
    expect((await results(summed.graph, { x }))['grad/x']).toEqual([1.5, 0.75, 1.5, 0.75]);
  });

  test('an output does not overwrite a file', async () => {
    const { exitCode, stderr } = await runScalpel(['grad', net, '--of', 'logits', '--wrt', 'all', '-o', net]);
    expect([exitCode, stderr.includes('is a file that the command reads')]).toEqual([2, true]);
  });
});

describe('scalpel gradcheck', () => {
  test('agrees with differences, in float64', async () => {
    const line = [
      'gradcheck',
      net,
      '--loss',
      'cross-entropy',
      '--wrt',
      'all',
      '--provider',
      'cpu',
      '--json',
      '--quiet',
    ];
    const { exitCode, stdout } = await runScalpel(line);
    const document = JSON.parse(stdout) as GradcheckDocument;
    expect(document).toMatchObject({ kind: 'gradcheck', dtype: 'float64', passed: true, kinks: 0 });
    expect(exitCode).toBe(0);
  });

  test('exits with 4 when they differ, as the straight-through gradient of rounding must', async () => {
    const g = new Builder();
    const input: Value = { name: 'x', type: { dtype: 'float32', shape: [2, 2] } };
    const scale = g.scalar(0.1);
    const y = g.op('DequantizeLinear', [g.op('QuantizeLinear', [input, scale]), scale]);
    const graph: Graph = {
      ...{ name: 'rounded', inputs: [input], nodes: g.nodes, initializers: g.initializers, functions: [] },
      outputs: [{ ...y, type: { dtype: 'float32', shape: [2, 2] } }],
      opsets: new Map([['', 21]]),
    };
    const typed = {
      ...graph,
      nodes: graph.nodes.map((n) => (n.outputs[0] === y ? { ...n, outputs: graph.outputs } : n)),
    };
    const path = join(folder, 'rounded.onnx');
    await save({ graph: typed, irVersion: 10, producer: 'test', metadata: new Map() }, path);
    const line = ['gradcheck', path, '--of', y.name, '--wrt', 'x', '--provider', 'cpu', '--json', '--quiet'];
    const { exitCode, stdout } = await runScalpel(line);
    expect(JSON.parse(stdout) as GradcheckDocument).toMatchObject({ passed: false, dtype: 'float32' });
    expect(exitCode).toBe(4);
  });
});
