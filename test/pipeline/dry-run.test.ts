import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import type { DryRun } from '../../src/pipeline/dry-run/dry-run.js';
import { runScalpel } from '../cli/run-scalpel.js';
import { gpt, newFolder } from './prune-requests.js';

const folder = newFolder();
const sotu = new URL('../../calibration/sotu.yaml', import.meta.url).pathname;
const few = ['--samples', '4', '--seq-len', '32', '--provider', 'cpu'];
const cpu = ['--provider', 'cpu'];
const output = join(folder, 'out', 'made.onnx');

async function dry(...argv: readonly string[]): Promise<DryRun & { readonly layers?: readonly unknown[] }> {
  const { exitCode, stdout } = await runScalpel([...argv, '--dry-run', '--json', '--quiet']);
  const found = JSON.parse(stdout);
  expect(found.exitCode).toBe(exitCode);
  return found;
}

/** Every file below a folder with its length and time. */
const listing = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => `${name} ${statSync(join(path, name)).mtimeMs} ${statSync(join(path, name)).size}`);

const masked = ['prune', gpt, '--method', 'magnitude', '--pattern', '0.7', '--calibration', sotu];
const walk = ['walk the dense and the pruned model'];

const commands = [
  ['eval', ['eval', gpt, '--data', sotu, ...few], ['read the model and the data', 'start the provider', 'evaluate']],
  [
    'prune',
    ['prune', gpt, '--method', 'wanda', '--pattern', '2:4', '--calibration', sotu, '-o', output, ...few],
    ['observe in 1 walk', 'latency of both models', 'prune by wanda', 'hash inputs', 'save', 'measure sizes'],
  ],
  [
    'prune',
    [...masked, '--reconstruct', 'half', '--inputs', 'dense', '--batch-size', '2', '--epochs', '3', ...few],
    ['latency of both models', 'prune by magnitude', ...walk, 'fit 12 regions, 6 steps each'],
  ],
  [
    'prune',
    [...masked, '--reconstruct', 'matrix', '--solver', 'least-squares', ...few],
    ['latency of both models', 'prune by magnitude', ...walk, 'solve 24 regions'],
  ],
  [
    'prune',
    [...masked, '--retrain', '--held-out', '0.25', '--batch-size', '1', '--epochs', '2', ...few],
    ['latency of both models', 'prune by magnitude', 'retrain, 6 steps'],
  ],
  [
    'convert',
    ['convert', gpt, '--to', 'float16', '-o', output, ...cpu],
    ['convert', 'save', 'compare outputs', 'measure sizes'],
  ],
  ['compare', ['compare', gpt, gpt, ...cpu], ['compare structure and weights', 'compare outputs']],
  ['bench', ['bench', gpt, gpt, ...cpu], ['time', 'load in fresh processes']],
  ['grad', ['grad', gpt, '--loss', 'cross-entropy', '--wrt', 'weights', '-o', output], ['differentiate', 'save']],
  [
    'gradcheck',
    ['gradcheck', gpt, '--of', 'logits', '--wrt', 'onnx::MatMul_732', '--entries', '1', ...cpu],
    ['differentiate', '6 differences'],
  ],
] as const;

test.each(commands)('a dry run of %s says what it would take and writes nothing', async (command, argv, parts) => {
  const before = listing(folder);
  const found = await dry(...argv);
  expect(listing(folder)).toEqual(before);
  expect(found).toMatchObject({ command, problems: [], unsupported: [], exitCode: 0 });
  expect(found.inputs).toMatchObject([{ path: gpt }]);
  expect(found.estimate?.parts.map(({ what }) => what)).toEqual(parts);
  expect(found.estimate?.seconds).toBeGreaterThan(0);
  expect(found.estimate?.memoryBytes).toBeGreaterThan(50e6);
  expect(found.outputs.some(({ path }) => path === output)).toBe(argv.includes(output as never));
});

describe('reconstruct', () => {
  const pruned = join(folder, 'pruned.onnx');
  const again = ['reconstruct', pruned, '--dense', gpt, '--batch-size', '2', '--epochs', '2'];

  beforeAll(async () => {
    const argv = [
      'prune',
      gpt,
      '--method',
      'magnitude',
      '--pattern',
      '0.7',
      '--include',
      '*h.0*',
      '-o',
      pruned,
      ...cpu,
    ];
    expect(await runScalpel([...argv, '--quiet'])).toMatchObject({ exitCode: 0 });
  });

  test('looks at the pruned layers alone, needs no output, and writes nothing', async () => {
    const before = listing(folder);
    const found = await dry(...again, '--calibration', sotu, ...few);
    expect(listing(folder)).toEqual(before);
    expect(found).toMatchObject({ command: 'reconstruct', problems: [], outputs: [], exitCode: 0 });
    expect(found.inputs.map(({ path }) => path)).toEqual([pruned, gpt]);
    const parts = ['latency of both models', ...walk, 'fit 2 regions, 4 steps each'];
    expect(found.estimate?.parts.map(({ what }) => what)).toEqual(parts);
  });

  test('names what would be written, what exists, and that it is measured three times', async () => {
    const argv = [...again, '--calibration', sotu, '--eval-data', sotu, '--eval-samples', '2', '--retrain', ...few];
    const taken = join(folder, 'taken.onnx');
    writeFileSync(taken, 'mine');
    expect(await dry(...argv, '-o', taken)).toMatchObject({
      exitCode: 2,
      outputs: [{ path: taken, exists: true }, {}, {}],
    });
    const free = await dry(...argv, '-o', join(folder, 'fitted.onnx'));
    expect(free.outputs.map(({ exists }) => exists)).toEqual([false, false, false]);
    const parts = ['latency of both models', 'retrain, 4 steps', 'hash inputs', 'save', 'measure sizes'];
    expect(free.estimate?.parts.map(({ what }) => what)).toEqual(['evaluate dense, before and after', ...parts]);
    expect(free.estimate?.diskBytes).toBeGreaterThan(14e6);
  });

  test('says that text which the model says itself is not there yet', async () => {
    const found = await dry(...again, '--calibration', 'self', ...few);
    expect(found.estimate).toBeUndefined();
    expect(found.warnings).toEqual([
      'the calibration text is said by the model in the run: neither that nor what needs the text is estimated',
    ]);
  });

  test('ends as the run would where the models do not match', async () => {
    const { exitCode, stderr } = await runScalpel([
      'reconstruct',
      gpt,
      '--dense',
      pruned,
      ...few,
      '--calibration',
      sotu,
      '--dry-run',
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/expected layers with zeros that .* does not have, found none/);
  });
});

describe('what is in the way', () => {
  test('an output that exists is a problem, and is named with all else that would be written', async () => {
    mkdirSync(join(folder, 'out'), { recursive: true });
    writeFileSync(output, 'mine');
    const argv = ['prune', gpt, '--method', 'magnitude', '--pattern', '0.5', '-o', output, ...cpu];
    const found = await dry(...argv);
    expect(found.exitCode).toBe(2);
    expect(found.layers).toHaveLength(24);
    expect(found.outputs.map(({ exists }) => exists)).toEqual([true, false, false]);
    expect(found.problems).toMatchObject([
      { exitCode: 2, message: expect.stringMatching(/already exists; add --force/) },
    ]);
    expect(await dry(...argv, '--force')).toMatchObject({ exitCode: 0, problems: [] });
  });

  test('all ops that the runtime lacks are named, not only the first', async () => {
    const path = join(folder, 'foreign.onnx');
    writeFileSync(path, encode(foreign()));
    const found = await dry('compare', path, path, ...cpu);
    expect(found.exitCode).toBe(3);
    expect(found.unsupported).toMatchObject([
      { op: 'com.example.Fold', count: 2 },
      { op: 'com.example.Bend', count: 1 },
    ]);
    expect(found.estimate).toBeUndefined();
  });
});

test('inspect takes the option, and looks as ever', async () => {
  const { exitCode, stdout } = await runScalpel(['inspect', gpt, '--dry-run', '--no-sparsity', '--json']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'inspect' });
});

/** Relu, and three nodes of a domain that nobody has. */
function foreign(): Graph {
  const values = ['x', 'a', 'b', 'c', 'y'].map((name): Value => ({ name, type: { dtype: 'float32', shape: [2, 3] } }));
  const ops = ['Fold', 'Relu', 'Bend', 'Fold'];
  return {
    name: 'foreign',
    inputs: [values[0] as Value],
    outputs: [values[4] as Value],
    nodes: ops.map((op, i) => ({
      name: `${op}_${i}`,
      op,
      domain: op === 'Relu' ? '' : 'com.example',
      inputs: [values[i] as Value],
      outputs: [values[i + 1] as Value],
      attrs: {},
    })),
    initializers: new Map(),
    opsets: new Map([
      ['', 17],
      ['com.example', 1],
    ]),
    functions: [],
  };
}
