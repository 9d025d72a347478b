/** Mistaken requests for explanations: each command line with its exit code and the whole of its message. */
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { encode } from '../../src/onnx/encode.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { check, inMistakeFolder, type Row } from './mistake-check.js';
import { runScalpel } from './run-scalpel.js';

inMistakeFolder();

/** Two classes, of which the first wins where a is larger than b. */
const pairGraph = () => {
  const [x, w, y] = [typed('x', ['batch', 2]), typed('w', [2, 2]), typed('y', ['batch', 2])];
  return graphOf({
    inputs: [x],
    outputs: [y],
    nodes: [node('MatMul', [x, w], [y])],
    initializers: new Map([[w, float32([2, 2], Float32Array.of(1, 0, 0, 1))]]),
  });
};

/** A number that nothing reaches beyond 1. */
const boundedGraph = () => {
  const [x, s, y] = [typed('x', ['batch', 2]), typed('s', ['batch', 1]), typed('y', ['batch', 1])];
  const w = typed('w', [2, 1]);
  return graphOf({
    inputs: [x],
    outputs: [y],
    nodes: [node('MatMul', [x, w], [s]), node('Tanh', [s], [y])],
    initializers: new Map([[w, float32([2, 1], Float32Array.of(0.1, 0.1))]]),
  });
};

const rows = Array.from({ length: 12 }, (_, i) => `${(i * 5) % 12},${i}`);

beforeAll(() => {
  writeFileSync('pair.onnx', encode(pairGraph()));
  writeFileSync('bounded.onnx', encode(boundedGraph()));
  writeFileSync('good.csv', `a,b\n${rows.join('\n')}\n`);
  writeFileSync('other.csv', `a,b,c\n${rows.map((row) => `${row},1`).join('\n')}\n`);
  writeFileSync('nan.csv', 'a,b\n1,nan\n');
  writeFileSync('image.npz', encodeNpz(new Map([['x', float32([2, 1, 4, 4], new Float32Array(32).fill(0.5))]])));
  writeFileSync('good.yaml', 'features:\n  - {name: a, range: [0, 11]}\n');
  writeFileSync('column.yaml', 'features:\n  - {name: age}\n');
  writeFileSync('key.yaml', 'features:\n  - {name: a, rnge: [0, 1]}\n');
  writeFileSync('turned.yaml', 'features:\n  - {name: a, range: [5, 1]}\n');
  writeFileSync('torn.yaml', 'features: [\n');
  writeFileSync('against.yaml', 'features: []\nconstraints:\n  - a - b >= 5\n  - b - a >= 5\n');
  writeFileSync('still.yaml', 'features: []\nothers: immutable\n');
  writeFileSync('held.yaml', 'features:\n  - {name: a, immutable: true}\nconstraints:\n  - a - b >= 1\n');
});

const explain = (rest: string): string => `explain pair.onnx --data good.csv -o out --provider cpu --quiet ${rest}`;

describe('words', () => {
  test.each<Row>([
    [
      'explain pair.onnx --data good.csv',
      2,
      'explain: expected --output, got nothing; name a folder, or add --dry-run',
    ],
    [explain('--method scf'), 2, /^explain: --method expected one of scfe, .*, got 'scf'; did you mean scfe\?$/],
    [explain('--set stps=3'), 2, /^explain: --set expected an option of scfe .*got 'stps'; did you mean steps\?$/],
    [
      explain('--set face.graph=knn'),
      2,
      "explain: --set expected a name among scfe, got 'face'; name it with --method",
    ],
    [explain('--set theta=-1'), 2, "scfe: theta: expected a number of at least 0, got '-1'"],
    [explain('--target yes'), 2, "--target: expected the number of a class, got 'yes'"],
    [explain('--target 7'), 2, "--target: expected a label below 2, the model's classes, got 7"],
    [explain('--target +2'), 2, /^--target: expected an offset that is no multiple of the 2 classes, got 2$/],
    [
      explain('--target 1 --range 2,3'),
      2,
      'explain: --target expected no --range, which is for regressors; leave one out',
    ],
    [explain('--range 3,2'), 2, "explain: --range expected the lower number first, got '3,2'; turn them"],
    [explain('--range 3'), 2, "explain: --range expected LOW,HIGH, LOW, or ,HIGH, got '3'"],
    [explain('--range 2,3'), 3, /^model: expected one number from 'y' for a range, got 2;/],
    [explain('--probability 1'), 2, /^--probability: expected a number between 0 and 1, got 1$/],
    [explain('--rows 3-1'), 2, "explain: --rows expected numbers such as 3 or 10-12, got '3-1'"],
    [
      explain('--rows 99'),
      2,
      /^explain: expected an instance to explain, got none among 0; choose another goal or other data$/,
    ],
    [
      explain('--from 5'),
      2,
      /^explain: expected an instance to explain, got none among 12: the model does not say class 5 of 12;/,
    ],
    [explain('--keep best'), 2, /^explain: --keep expected sparsity, distance or objective, got 'best'/],
    [explain('--bounds 0,1'), 2, '--bounds: expected an image or a series, got a table; give ranges in a --schema'],
    [explain('--reference none good.csv'), 2, /^explain: --reference expected 'none' alone, got files beside it;/],
    [explain('--autoencoder nowhere.onnx'), 2, /^nowhere\.onnx: /],
    [
      explain('--set plausibility=flow'),
      2,
      /^explain: scfe expected a flow, got none; give one, or set the method otherwise$/,
    ],
    [
      explain('--reference none --set plausibility=kde'),
      2,
      /^explain: scfe expected a reference, got none; give one, or set the method otherwise$/,
    ],
  ])('%s', check);
});

describe('data and schemas', () => {
  test.each<Row>([
    ['explain pair.onnx --data other.csv -o out --provider cpu --quiet', 2, /other\.csv: .*3/],
    ['explain pair.onnx --data nan.csv -o out --provider cpu --quiet', 2, /nan\.csv/],
    ['explain pair.onnx --data nowhere.csv -o out --provider cpu --quiet', 2, /nowhere\.csv/],
    [explain('--schema nowhere.yaml'), 2, 'nowhere.yaml: no such file; check the path'],
    [explain('--mask nowhere.npy'), 2, 'nowhere.npy: no such file; check the path'],
    [explain('--schema torn.yaml'), 2, /^torn\.yaml/],
    [explain('--schema column.yaml'), 2, /^column\.yaml:2: feature 'age': .*a, b/],
    [explain('--schema key.yaml'), 2, /^key\.yaml:2: feature 'a': .*rnge/],
    [explain('--schema turned.yaml'), 2, /^turned\.yaml:2: feature 'a': .*range/],
    [
      explain('--schema against.yaml'),
      2,
      /^against\.yaml:4: 'b - a >= 5': it cannot hold together with the other constraints/,
    ],
  ])('%s', check);
});

describe('what cannot be found is reported with the reason', () => {
  test.each<Row>([
    [explain('--schema still.yaml --rows 2'), 5, /^scfe, sample 2: nothing of it may change$/m],
    [explain('--schema held.yaml --rows 2'), 5, /^scfe, sample 2: .+$/m],
    [
      'explain bounded.onnx --data good.csv --range 5, -o out --provider cpu --quiet --reference none --rows 1',
      5,
      /^scfe, sample 1: the goal was not reached; the nearest allowed point lacks 4\.?\d*, with .*at the end of what they may be$/m,
    ],
    [explain('--queries 1 --rows 2'), 5, /^scfe, sample 2: nothing was found within the limits.*$/m],
  ])('%s', async (line, exitCode, message) => {
    const outcome = await runScalpel([...line.split(' '), '--force']);
    expect(outcome.stderr).toMatch(message);
    expect([outcome.exitCode, outcome.stdout]).toEqual([exitCode, '']);
  });
});
