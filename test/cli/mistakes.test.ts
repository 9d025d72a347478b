/** What people get wrong: each mistaken command line with its exit code and the whole of its message. */
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gpt, writeMistakeFiles } from './mistake-files.js';
import { runScalpel } from './run-scalpel.js';

const home = process.cwd();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'scalpel-mistakes-')));

beforeAll(() => {
  process.chdir(folder);
  writeMistakeFiles();
});

afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

/** Words of the command line, exit code, message; GPT stands for the bundled model, OK for what a prune needs besides. */
type Row = readonly [string, number, string | RegExp];

const shorthands: Readonly<Record<string, readonly string[]>> = {
  GPT: [gpt],
  OK: ['--method', 'magnitude', '--pattern', '0.5', '-o', 'o.onnx', '--provider', 'cpu'],
  ANY: ['--method', 'magnitude', '-o', 'o.onnx'],
};

async function check(line: string, exitCode: number, message: string | RegExp): Promise<void> {
  const before = readdirSync('.');
  const argv = line.split(' ').flatMap((word) => shorthands[word] ?? [word]);
  const outcome = await runScalpel(argv);
  const said = outcome.stderr.trimEnd().split('\n').at(-1)?.replaceAll(`${folder}/`, '');
  if (typeof message === 'string') expect(said).toBe(message);
  else expect(said).toMatch(message);
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome.stdout).toBe('');
  expect(readdirSync('.').filter((name) => !name.endsWith('.run'))).toEqual(
    before.filter((name) => !name.endsWith('.run')),
  );
}

describe('flags', () => {
  test.each<Row>([
    [
      'prun net.onnx',
      2,
      "scalpel: expected a command (prune, eval, inspect or compare), got 'prun'; did you mean prune?",
    ],
    ['--verbose', 2, 'scalpel: --verbose is no option of this command; see --help'],
    ['prune', 2, 'prune: expected MODEL, got nothing; see scalpel prune --help'],
    ['compare net.onnx', 2, 'compare: expected A and B, got fewer; see scalpel compare --help'],
    [
      'prune --include a net.onnx',
      2,
      'prune: expected MODEL, got nothing; put it first, before options that take several words',
    ],
    ['prune net.onnx other.onnx OK', 2, "prune: expected MODEL, got 'other.onnx' too; options are spelled with --"],
    ['prune net.onnx', 2, 'prune: expected --method and --pattern, got nothing; see scalpel prune --help'],
    ['prune net.onnx --patern 0.5', 2, 'prune: --patern is no option of this command; did you mean --pattern?'],
    ['inspect net.onnx -q', 2, 'inspect: -q is no option of this command; see --help'],
    ['prune net.onnx ANY --pattern', 2, 'prune: expected a value after --pattern, got nothing; give one'],
    ['prune net.onnx ANY --pattern 0.5 --pattern 0.6', 2, 'prune: --pattern expected one value, got 2; give it once'],
    [
      'prune net.onnx ANY --pattern 50',
      2,
      "prune: --pattern expected a fraction in [0, 1), n:m or RxC:fraction, got '50'; did you mean 0.5?",
    ],
    [
      'prune net.onnx ANY --pattern 4:2',
      2,
      "prune: --pattern expected a fraction in [0, 1), n:m or RxC:fraction, got '4:2'; did you mean 2:4?",
    ],
    [
      'prune net.onnx --method wnda --pattern 0.5 -o o.onnx',
      2,
      "prune: --method expected magnitude, random, wanda, ria or sparsegpt, got 'wnda'; did you mean wanda?",
    ],
    [
      'prune net.onnx OK --group rows',
      2,
      "prune: --group expected row, matrix or global, got 'rows'; did you mean row?",
    ],
    ['prune net.onnx OK --seed x', 2, "prune: --seed expected a whole number of at least 0, got 'x'"],
    ['prune net.onnx OK --threads 0', 2, "prune: --threads expected a whole number of at least 1, got '0'"],
    ['eval net.onnx --data label.npz --batch 1.5', 2, "eval: --batch expected a whole number of at least 1, got '1.5'"],
    ['eval GPT --data long.txt --seq-len 1', 2, "eval: --seq-len expected a whole number of at least 2, got '1'"],
    ['prune net.onnx OK --ria-alpha 2', 2, "prune: --ria-alpha expected a number in [0, 1], got '2'"],
    ['prune net.onnx OK --layer-sparsity a', 2, "prune: --layer-sparsity expected GLOB=FRACTION, got 'a'"],
    ['prune net.onnx OK --layer-sparsity *=2', 2, "prune: --layer-sparsity '*' expected a number in [0, 1), got '2'"],
    ['prune net.onnx OK --provider-option a', 2, "prune: --provider-option expected KEY=VALUE, got 'a'"],
    [
      'inspect net.onnx --regions blok',
      2,
      "inspect: --regions expected matrix, half, block or whole, got 'blok'; did you mean block?",
    ],
    ['inspect net.onnx --json=no', 2, "inspect: --json expected no value, got 'no'; leave it out"],
    [
      'compare net.onnx net.onnx --parts weigths',
      2,
      "compare: --parts expected structure, weights, fields or outputs, got 'weigths'; did you mean weights?",
    ],
    ['compare net.onnx net.onnx --tolerance -1', 2, "compare: --tolerance expected a number of at least 0, got '-1'"],
    ['eval GPT', 2, 'eval: expected --data, got nothing; see scalpel eval --help'],
    [
      'prune net.onnx ANY --pattern 0.5 --provider cdua',
      2,
      "prune: --provider expected auto, cuda, tensorrt, dml, coreml, webgpu or cpu, got 'cdua'",
    ],
  ])('scalpel %s', check);
});

describe('options that need or exclude each other', () => {
  test.each<Row>([
    [
      'prune net.onnx --method wanda --pattern 0.5 -o o.onnx',
      2,
      'prune: --method wanda expected calibration data, got none; name it with --calibration, or take magnitude',
    ],
    [
      'prune net.onnx --method magnitude --pattern 0.5',
      2,
      'prune: expected --output, got nothing; name the pruned model, or add --dry-run',
    ],
    [
      'prune net.onnx OK --max-drop 0.1',
      2,
      'prune: --max-drop expected evaluation data, got none; name it with --eval-data',
    ],
    [
      'prune net.onnx OK --owl-lambda 0.1',
      2,
      'prune: --owl-threshold and --owl-lambda expected --allocation owl, got uniform; add it',
    ],
    [
      'prune net.onnx ANY --pattern 2:4 --group row',
      2,
      'prune: --group expected a fraction as pattern, got 2:4, whose groups are its m inputs; leave it out',
    ],
    [
      'prune net.onnx ANY --pattern 2:4 --allocation erk',
      2,
      'prune: --allocation and --layer-sparsity expected a fraction as pattern, got 2:4, which fixes the sparsity; leave them out',
    ],
    [
      'prune net.onnx OK --group global --allocation erk',
      2,
      'prune: --group global spreads the sparsity itself, got --allocation erk too; leave one out',
    ],
    [
      'prune net.onnx OK --include nothing*',
      2,
      "prune: --include 'nothing*' matches no prunable layer; there are 1, such as 'scalpel/weight' (MatMul 'scalpel/MatMul')",
    ],
    [
      'prune net.onnx OK --include re:(',
      2,
      "pattern 're:(': expected a regular expression after 're:', got Invalid regular expression: /(/u: Unterminated group",
    ],
    [
      'prune net.onnx OK --exclude *',
      2,
      'prune: expected at least one layer to prune, got none of 1; loosen --include and --exclude',
    ],
    // the runtime has each of these on other systems only
    [
      `prune net.onnx ANY --pattern 0.5 --provider ${process.platform === 'win32' ? 'coreml' : 'dml'}`,
      2,
      /^--provider (dml|coreml): the installed runtime has it on .*, this is .*; use one of .*cpu$/,
    ],
  ])('scalpel %s', check);
});

describe('models', () => {
  test.each<Row>([
    ['inspect missing.onnx', 2, 'missing.onnx: no such file; check the path'],
    ['inspect folder', 2, 'folder: expected a file, got a folder'],
    [
      'inspect text.onnx',
      2,
      'text.onnx: expected a wire type 0, 1, 2, 3 or 5 at byte 0, got 4; the file is damaged or no ONNX model',
    ],
    [
      'inspect cut.onnx',
      2,
      /^cut\.onnx: expected field 7 to end by byte 150 at byte 2, got a length that ends at \d+; the file is damaged or no ONNX model$/,
    ],
    ['inspect empty.onnx', 2, 'empty.onnx: expected an ONNX model with a graph, found none'],
    ['compare net.onnx missing.onnx', 2, 'missing.onnx: no such file; check the path'],
    [
      'prune lost.onnx OK',
      2,
      "lost.onnx: tensor 'scalpel/weight': external data file 'lost.data' is missing; keep it beside the model",
    ],
    ['prune relu.onnx OK', 3, 'relu.onnx: expected weight matrices to prune, found none; see `scalpel inspect`'],
    [
      'prune net.onnx --method magnitude --pattern 0.5 -o taken.onnx',
      2,
      'taken.onnx: already exists; add --force to replace it, or choose another --output',
    ],
    [
      'prune net.onnx --method magnitude --pattern 0.5 -o net.onnx --force',
      2,
      "prune: expected --output other than the model, got 'net.onnx'; name another file",
    ],
  ])('scalpel %s', check);
});

describe('data', () => {
  test.each<Row>([
    ['eval GPT --data missing.txt', 2, 'missing.txt: no such file'],
    ['eval net.onnx --data folder', 2, "folder: expected a file, got a folder; name its files, such as 'folder/*.txt'"],
    [
      'eval GPT --data data.csv',
      2,
      "data.csv: expected one of .txt, .text, .md, .jsonl, .ndjson, .json, .npy, .npz or a descriptor (.yaml), got '.csv'",
    ],
    ['eval GPT --data tokens.npy short.txt', 2, 'data: expected files of one kind, got arrays and text'],
    [
      'eval GPT --data kind.yaml',
      2,
      /^kind\.yaml: 'kind': invalid option: expected one of "text"\|"tokens"\|"arrays"$/,
    ],
    ['eval GPT --data none.yaml', 2, 'nothing-*.txt: the pattern matches no file'],
    [
      'eval GPT --data package.yaml',
      2,
      "package.yaml: the package '@nobody/has-this' is not installed; run npm install @nobody/has-this",
    ],
    ['eval GPT --data broken.jsonl', 2, /^broken\.jsonl:2: expected JSON, got /],
    [
      'eval GPT --data other.jsonl',
      2,
      "other.jsonl:1: expected text in the field 'text', got nothing; fields with text: 'body'",
    ],
    [
      'eval GPT --data short.txt --tokenizer tokenizer.json',
      2,
      /^tokenizer\.json: expected the definition of a Hugging Face tokenizer; /,
    ],
    ['eval GPT --data short.txt --tokenizer none.json', 2, 'none.json: no such file'],
    ['eval GPT --data empty.txt', 2, 'empty.txt: expected text, got none; the files are empty'],
    [
      'eval GPT --data short.txt',
      2,
      'short.txt: expected 1 windows of 128 tokens, got 0 from 4 tokens; give more text, fewer samples or shorter windows',
    ],
    [
      'eval GPT --data short.txt --seq-len 500',
      2,
      'short.txt: expected windows of at most 128 tokens, the positions the model knows, got 500',
    ],
    [
      'eval GPT --data beyond.npy',
      2,
      'beyond.npy: expected token ids in [0, 2048), got 5000 in window 0; use the tokenizer the model was trained with',
    ],
    ['eval GPT --data cut.npy', 2, 'cut.npy: expected a .npy header, got one of 118 bytes in a file of 100'],
    [
      'eval GPT --data tokens.npy --metric top1 --provider cpu',
      2,
      "accuracy: expected labelled samples, got none; add an array named 'labels'",
    ],
    [
      'eval net.onnx --data short.txt',
      2,
      "short.txt: the model has no input of token ids for text, it has 'x'; give .npy or .npz arrays",
    ],
  ])('scalpel %s', check);
});

describe('shapes', () => {
  test.each<Row>([
    ['eval net.onnx --data shape.npz', 2, "shape.npz: 'x': expected shape [?, 4], got [2, 5]; reshape it"],
    [
      'eval net.onnx --data type.npz',
      2,
      "type.npz: 'x': expected float32, got int64; convert it as the model was trained",
    ],
    ['eval net.onnx --data count.npz', 2, "count.npz: 'labels': expected 2 labels, one a sample, got shape [3]"],
    [
      'eval net.onnx --data label.npz --provider cpu',
      2,
      "accuracy: expected labels below 3, the model's classes, got 7 for sample 1",
    ],
    [
      'eval net.onnx --data x.npz --provider cpu',
      2,
      "data: expected text, token ids or labelled arrays, got none of them; add an array named 'labels'",
    ],
    [
      'eval net.onnx --data x.npz --metric perplexity --provider cpu',
      2,
      'perplexity: expected text or token ids, got arrays; give data for a language model',
    ],
    [
      'prune net.onnx --method wanda --pattern 0.5 --calibration shape.npz -o o.onnx',
      2,
      "shape.npz: 'x': expected shape [?, 4], got [2, 5]; reshape it",
    ],
  ])('scalpel %s', check);
});

test('a failure of scalpel itself prints its stack and exits 1', async () => {
  const outcome = await runScalpel(['compare', 'net.onnx', 'net.onnx'], async () => {
    throw new TypeError('not a function');
  });
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toMatch(/^TypeError: not a function\n {4}at /);
});
