/** Mistaken options: each command line with its exit code and the whole of its message. */
import { describe, expect, test } from 'vitest';
import { check, inMistakeFolder, type Row } from './mistake-check.js';
import { runScalpel } from './run-scalpel.js';

inMistakeFolder();

describe('flags', () => {
  test.each<Row>([
    [
      'prun net.onnx',
      2,
      "scalpel: expected a command (prune, reconstruct, shrink, attack, explain, train, convert, merge, eval, inspect, compare, bench, grad or gradcheck), got 'prun'; did you mean prune?",
    ],
    ['--verbose', 2, 'scalpel: --verbose is no option of this command; see --help'],
    ['prune', 2, 'prune: expected MODEL, got nothing; see scalpel prune --help'],
    ['compare net.onnx', 2, 'compare: expected A and B, got fewer; see scalpel compare --help'],
    ['bench', 2, 'bench: expected MODELS, got nothing; see scalpel bench --help'],
    [
      'bench --data x.npz net.onnx',
      2,
      'bench: expected MODELS, got nothing; put it first, before options that take several words',
    ],
    ['bench net.onnx --runs 0', 2, "bench: --runs expected a whole number of at least 1, got '0'"],
    ['bench net.onnx --seconds x', 2, "bench: --seconds expected a number of at least 0, got 'x'"],
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
      "inspect: --regions expected matrix, half, block, whole, blocks:N or a file of regions, got 'blok'; did you mean block?",
    ],
    [
      'inspect net.onnx --regions blocks:0',
      2,
      "inspect: --regions 'blocks:' expected a whole number of at least 1, got '0'",
    ],
    [
      'prune net.onnx OK --regions key.yaml',
      2,
      "key.yaml: 'regions': invalid input: expected array, received undefined; correct it there",
    ],
    [
      'inspect net.onnx --save-regions r.yaml',
      2,
      'inspect: --save-regions expected --regions, got none; say which regions are meant',
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
      'grad net.onnx --loss mean --wrt all -o o.onnx',
      2,
      "grad: --loss expected cross-entropy, margin, kl, mse, cosine or entropy, got 'mean'",
    ],
    ['grad net.onnx --loss mse', 2, 'grad: expected --wrt and --output, got nothing; see scalpel grad --help'],
    [
      'prune net.onnx ANY --pattern 0.5 --provider cdua',
      2,
      "prune: --provider expected auto, cuda, tensorrt, dml, coreml, webgpu or cpu, got 'cdua'",
    ],
  ])('scalpel %s', check);
});

describe('options that need or exclude each other', () => {
  test.each<Row>([
    ['grad net.onnx --wrt all -o o.onnx', 2, 'grad: expected --loss or --of, got nothing; say what is differentiated'],
    [
      'grad net.onnx --loss mse --sum --wrt all -o o.onnx',
      2,
      'grad: --sum expected no --loss, which is a single number already; leave it out',
    ],
    [
      'grad net.onnx --loss mse --ignore 0 --wrt all -o o.onnx',
      2,
      'grad: --ignore expected --loss cross-entropy, got mse; leave it out',
    ],
    [
      'gradcheck net.onnx --loss mse --confidence 1 --wrt all',
      2,
      'gradcheck: --confidence expected --loss margin, got mse; leave it out',
    ],
    [
      'grad net.onnx --loss mse --wrt x --of y -o o.onnx',
      2,
      /^grad: --of expected a value of the model, got 'y'; inputs and outputs are x, /,
    ],
    [
      'grad net.onnx --loss mse --wrt nothing -o o.onnx',
      2,
      /^grad: --wrt expected a value of the model, got 'nothing'; inputs and outputs are x, /,
    ],
    [
      'grad relu.onnx --of y --sum --wrt weights -o o.onnx',
      2,
      "grad: expected weights that 'y' depends on, found none; name values with --wrt",
    ],
    [
      'grad net.onnx --loss mse --wrt all -o taken.onnx',
      2,
      'taken.onnx: already exists; add --force to replace it, or choose another --output',
    ],
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
      'prune net.onnx --method wanda --pattern 0.5 --calibration label.npz -o o.onnx --jobs 2',
      2,
      'prune: --jobs 2 expected blocks that are pruned without waiting for each other, got --method wanda with statistics of the pruned blocks before; add --statistics-from dense',
    ],
    [
      'prune net.onnx OK --max-drop 0.1',
      2,
      'prune: --max-drop expected --eval-data, got none; name it, or leave --max-drop out',
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
      'prune net.onnx OK --permute',
      2,
      'prune: --permute expected an n:m pattern, got 0.5, of which any order keeps as much; say --pattern 2:4, or leave it out',
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
    ['prune net.onnx OK --damping 0.1', 2, 'prune: --damping expected --method sparsegpt, got magnitude; leave it out'],
    ['prune net.onnx OK --ria-alpha 0.1', 2, 'prune: --ria-alpha expected --method ria, got magnitude; leave it out'],
    [
      'prune net.onnx OK --samples 2',
      2,
      'prune: --samples expected --calibration, got none; leave it out, or say --eval-samples',
    ],
    [
      'prune net.onnx OK --eval-samples 2',
      2,
      'prune: --eval-samples expected --eval-data, got none; name it, or leave --eval-samples out',
    ],
    [
      'prune net.onnx OK --metric top1',
      2,
      'prune: --metric expected --eval-data, got none; name it, or leave --metric out',
    ],
    [
      'prune net.onnx OK --allocation owl',
      2,
      'prune: --allocation owl expected calibration data, got none; name it with --calibration',
    ],
    // the runtime has each of these on other systems only
    [
      `prune net.onnx ANY --pattern 0.5 --provider ${process.platform === 'win32' ? 'coreml' : 'dml'}`,
      2,
      /^--provider (dml|coreml): expected .*, got .*; use one of .*cpu$/,
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
