/** models/README.md is true: of the bundled networks that this engine made, and of how they are made. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { heldOutDigits } from '../../scripts/make-mnist-npz.mjs';
import { cbfFcnCommand } from '../../scripts/train/cbf-fcn.mjs';
import { savePictures } from '../../scripts/train/pictures.mjs';
import type { Graph, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { runScalpel } from '../cli/run-scalpel.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const at = (path: string): string => join(root, path);
const readme = readFileSync(at('models/README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'scalpel-bundled-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Cells of the table rows that begin with this name. */
const rowOf = (name: string): string[] | undefined =>
  readme
    .split('\n')
    .find((line) => line.startsWith(`| \`${name}\` |`))
    ?.split(' | ')
    .map((cell) => cell.replaceAll(/[|`]/g, '').trim());

const shown = (values: readonly Value[]): string =>
  `${values.map(({ name }) => name).join(', ')} ${values[0]?.type?.dtype} [${values[0]?.type?.shape?.join(', ')}]`;
const stored = ({ initializers }: Graph): number =>
  [...initializers.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
const bundled = readdirSync(at('models'), { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe('the tables of models/README.md', () => {
  test.each(bundled.map(({ name }) => name))('have a row for %s', (name) => {
    const path = at(`models/${name}/model.onnx`);
    const [, input, output, parameters, bytes] = rowOf(`${name}/model.onnx`)!;
    const { graph } = load(path);
    expect([input, output]).toEqual([shown(graph.inputs), shown(graph.outputs)]);
    expect(bytes).toBe(statSync(path).size.toLocaleString('en'));
    if (!parameters!.includes('M')) expect(parameters).toBe(stored(graph).toLocaleString('en'));
  });

  test.each(['iris', 'mnist-cnn', 'cbf-fcn'])('have the hash of %s', (name) => {
    const bytes = readFileSync(at(`models/${name}/model.onnx`));
    expect(rowOf(name)![1]).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});

const digits = join(folder, 'digits.npz');
const judgements: [string, string, readonly string[], RegExp][] = [
  ['iris', at('calibration/iris-heldout.csv'), ['--label-column', 'species'], /(\d+) of the (30) held-out flowers/],
  ['cbf-fcn', at('calibration/cbf-test.tsv'), [], /(\d+) of the (240) series/],
  ['mnist-cnn', digits, [], /([\d.]+) % of the (2,000) digits/],
];

describe('the quality it tells', () => {
  test.each(judgements)('of %s is what eval says', async (name, data, words, told) => {
    if (data === digits) savePictures(digits, heldOutDigits(), Number.POSITIVE_INFINITY);
    const argv = ['eval', at(`models/${name}/model.onnx`), '--data', data, ...words, '--json', '--quiet'];
    const { top1, samples } = JSON.parse((await runScalpel(argv)).stdout) as { top1: number; samples: number };
    const [, right, of] = told.exec(readme)!;
    expect(samples).toBe(Number(of!.replace(',', '')));
    // a share of all, or a number of them
    const expected = right!.includes('.') ? Number(right) / 100 : Number(right) / samples;
    expect(top1).toBeCloseTo(expected, 6);
  });
});

describe('the command of cbf-fcn', () => {
  const block = /^scalpel train ([\s\S]*?)^```/m.exec(readme)![1]!;
  const told = ['train', ...block.replaceAll('\\\n', ' ').trim().split(/\s+/)];

  test('is what scripts/train-models.mjs runs', () => {
    expect(told).toEqual(cbfFcnCommand);
  });

  test('makes a network of the same form', async () => {
    const output = join(folder, 'cbf-fcn');
    const words = told.map((word) => (word.startsWith('calibration/') ? at(word) : word)).slice(0, -1);
    words[words.indexOf('--steps') + 1] = '2';
    const { exitCode } = await runScalpel([...words, output, '--quiet']);
    expect(exitCode).toBe(0);
    const form = (path: string) => {
      const { graph, metadata } = load(path);
      return {
        ops: graph.nodes.map(({ op }) => op),
        weights: [...graph.initializers].map(([{ name }, { shape }]) => [name, shape]),
        ends: [shown(graph.inputs), shown(graph.outputs)],
        metadata: Object.fromEntries(metadata),
      };
    };
    expect(form(join(output, 'model.onnx'))).toEqual(form(at('models/cbf-fcn/model.onnx')));
  });
});
