/** `scalpel grad` on models whose names and weights lie where it would not look first. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { feeds } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { Builder } from '../../src/ops/builder.js';
import type { GradcheckDocument } from '../../src/pipeline/gradcheck/request.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { runScalpel } from '../cli/run-scalpel.js';
import { temporaryFolder } from '../helpers/onnx-files.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const empty = { name: 'graph', inputs: [], outputs: [], nodes: [], opsets: new Map([['', 17]]), functions: [] };
const value = (name: string, ...shape: (number | string)[]): Value => ({ name, type: { dtype: 'float32', shape } });
const x = value('x', 'batch', 2);

/** Appends a node whose output bears that name. */
function named(g: Builder, name: string, op: string, inputs: readonly Value[]): Value {
  g.nodes.push({ name: `${op}/${name}`, op, domain: '', inputs, outputs: [{ name }], attrs: {} });
  return { name };
}

function weight(g: Builder, name: string, ...values: number[]): Value {
  const at = value(name, values.length);
  g.initializers.set(at, float32([values.length], Float32Array.from(values)));
  return at;
}

async function file(name: string, inputs: readonly Value[], emit: (g: Builder) => Value): Promise<string> {
  const g = new Builder(['x', 'c'], 'n');
  const logits = value('logits', 'batch', 2);
  g.nodes.push({ name: 'last', op: 'Identity', domain: '', inputs: [emit(g)], outputs: [logits], attrs: {} });
  const graph = g.appendTo({ ...empty, inputs, initializers: new Map() }, [logits]);
  const path = join(folder, `${name}.onnx`);
  await save({ graph, irVersion: 8, producer: 'test', metadata: new Map() }, path);
  return path;
}

/** A body of one product with a weight of its own. */
function body(prefix: string, inputs: readonly Value[], emit: (t: Builder, own: Value) => readonly Value[]) {
  const t = new Builder([], prefix);
  const outputs = emit(t, weight(t, 'own', 3, 4));
  return { kind: 'graph' as const, value: t.appendTo({ ...empty, inputs, initializers: new Map() }, outputs) };
}

const c: Value = { name: 'c', type: { dtype: 'bool', shape: [] } };
const branches = await file('branches', [x, c], (g) =>
  g.op('If', [c], {
    then_branch: body('then', [], (t, own) => [t.mul(x, own)]),
    else_branch: body('else', [], (t, own) => [t.mul(x, t.mul(own, own))]),
  }),
);
const loop = await file('loop', [x], (g) => {
  const [turn, going, state]: Value[] = [
    { name: 'turn', type: { dtype: 'int64', shape: [] } },
    { name: 'going', type: { dtype: 'bool', shape: [] } },
    value('state', 'batch', 2),
  ];
  const step = body('step', [turn!, going!, state!], (t, own) => [t.op('Identity', [going!]), t.mul(state!, own)]);
  return g.op('Loop', [g.constant(int64([], [2])), null, x], { body: step });
});

const target = value('target', 2);
const collisions = await file('collisions', [x, target], (g) => {
  const product = named(g, 'loss', 'Mul', [x, weight(g, 'grad/x', 2, 5)]);
  return named(g, 'scalpel/loss', 'Tanh', [named(g, 'seed/logits', 'Add', [product, target])]);
});

interface Written {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly graph: Graph;
}

async function written(model: string, line: string): Promise<Written> {
  const output = join(folder, 'grad.onnx');
  const { exitCode, stderr } = await runScalpel(['grad', model, ...line.split(' '), '-o', output, '--force']);
  expect(exitCode, stderr).toBe(0);
  const { graph } = load(output);
  verify(graph);
  const names = (values: readonly Value[]): string[] => values.map(({ name }) => name);
  return { inputs: names(feeds(graph)), outputs: names(graph.outputs), graph };
}

const points: Readonly<Record<string, Tensor>> = {
  x: float32([1, 2], Float32Array.of(1, -1)),
  target: float32([2], Float32Array.of(0.5, 0.25)),
  own: float32([2], Float32Array.of(1, 1)),
};
const taken = (isThen: boolean): Tensor => tensor('bool', [], Uint8Array.of(isThen ? 1 : 0));

async function results(graph: Graph, given: Readonly<Record<string, Tensor>> = {}): Promise<Record<string, number[]>> {
  const all = { ...points, ...given };
  const found = await withProgram(graph, {}, ({ run }) => run(new Map(feeds(graph).map((v) => [v, all[v.name]!]))));
  return Object.fromEntries([...found].map(([v, t]) => [v.name, Array.from(floatsOf(t))]));
}

describe('weights of bodies', () => {
  const [then, other] = ['n/If/then_branch/own', 'n/If/else_branch/own'];

  test.each([
    [true, [1, -1], [0, 0]],
    [false, [0, 0], [6, -8]],
  ])('of the branch that is taken, zeros for the other: %s', async (isThen, ofThen, ofOther) => {
    const { graph, outputs } = await written(branches, '--of logits --wrt weights --sum');
    expect(outputs).toEqual(['loss', 'logits', `grad/${then}`, `grad/${other}`]);
    const found = await results(graph, { c: taken(isThen) });
    expect([found[`grad/${then}`], found[`grad/${other}`]]).toEqual([ofThen, ofOther]);
  });

  test('as inputs', async () => {
    const { graph, inputs } = await written(branches, `--of logits --wrt ${then} --sum --weights-as-inputs`);
    expect(inputs).toEqual(['x', 'c', then]);
    const moved = float32([2], Float32Array.of(7, 9));
    expect((await results(graph, { c: taken(true), [then!]: moved })).logits).toEqual([7, -9]);
  });

  test('of a loop, where they count in every step', async () => {
    const { graph, outputs } = await written(loop, '--of logits --wrt weights --sum');
    expect(outputs).toEqual(['loss', 'logits', 'grad/own']);
    expect((await results(graph))['grad/own']).toEqual([6, -8]);
  });

  test('checked', async () => {
    const { exitCode, stdout, stderr } = await runScalpel([
      'gradcheck',
      loop,
      '--loss',
      'mse',
      '--wrt',
      'all',
      '--json',
    ]);
    expect(exitCode, stderr).toBe(0);
    expect((JSON.parse(stdout) as GradcheckDocument).passed).toBe(true);
  });
});

describe('names', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    [
      '--of logits --wrt all',
      ['x', 'target', 'scalpel/seed/logits'],
      ['logits', 'scalpel/grad/x', 'grad/target', 'grad/grad/x'],
    ],
    [
      '--loss cross-entropy --wrt inputs',
      ['x', 'target', 'scalpel/target'],
      ['scalpel/scalpel/loss', 'logits', 'scalpel/grad/x', 'grad/target'],
    ],
    ['--of seed/logits --wrt loss', ['x', 'target', 'seed/seed/logits'], ['logits', 'seed/logits', 'grad/loss']],
    ['--of loss --wrt x --sum', ['x', 'target'], ['scalpel/scalpel/loss', 'logits', 'loss', 'scalpel/grad/x']],
    ['--of loss --wrt loss', ['x', 'target', 'seed/loss'], ['logits', 'loss', 'grad/loss']],
  ])('%s', async (line, inputs, outputs) => {
    const made = await written(collisions, line);
    expect([made.inputs, made.outputs]).toEqual([inputs, outputs]);
  });

  test('between inner values, weighted by a seed', async () => {
    const { graph } = await written(collisions, '--of scalpel/loss --wrt loss x');
    const found = await results(graph, { 'seed/scalpel/loss': float32([1, 2], Float32Array.of(1, 1)) });
    const [first, second] = [2.5, -4.75].map((at) => 1 - Math.tanh(at) ** 2) as [number, number];
    expect(found['grad/loss']).toEqual([expect.closeTo(first, 5), expect.closeTo(second, 5)]);
    expect(found['scalpel/grad/x']).toEqual([expect.closeTo(2 * first, 5), expect.closeTo(5 * second, 5)]);
  });
});
