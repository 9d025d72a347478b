/** `--help` of every command as it is printed. */
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/main.js';
import { version } from '../../src/version.js';
import { runScalpel } from './run-scalpel.js';

const helpOf = async (...argv: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await runScalpel([...argv, '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

test('scalpel --help', async () => {
  expect(await helpOf()).toMatchInlineSnapshot(`
    "scalpel COMMAND [options]

    ONNX in, ONNX out: surgery on exported models, run by ONNX Runtime.

    Commands:
      scalpel prune      Remove weights by a criterion and a pattern
      scalpel eval       Measure perplexity or accuracy on data
      scalpel inspect    Show what a model is made of and what can be pruned
      scalpel compare    Compare two models: structure, weights, outputs on data
      scalpel grad       Write a model of the gradients of a model
      scalpel gradcheck  Compare the gradients of a model with finite differences

    Options:
          --version  Show version number                                                       [boolean]
      -h, --help     Show help                                                                 [boolean]

    Exit codes: 0 done, 1 failure of scalpel, 2 bad usage, configuration or data, 3 unsupported model or
    op,
    4 quality gate failed, 5 nothing found, 130 interrupted.
    "
  `);
});

test('scalpel without a word prints its help', async () => {
  const { exitCode, stdout } = await runScalpel([]);
  expect(exitCode).toBe(0);
  expect(stdout).toBe(await helpOf());
});

test('scalpel prune --help', async () => {
  expect(await helpOf('prune')).toMatchInlineSnapshot(`
    "scalpel prune <model>

    Remove weights by a criterion and a pattern

    Positionals:
      model  the ONNX model to prune                                                 [string] [required]

    What is removed:
          --method          criterion: magnitude, random, wanda, ria, sparsegpt      [string] [required]
          --pattern         fraction removed (0.5), n kept of every m (2:4), or tiles (16x4:0.5)
                                                                                     [string] [required]
          --group           weights that compete: row, matrix or global; default: the method's own
                                                                                                [string]
          --selection       exact count, or reference: as many as published code removes
                                                                               [string] [default: exact]
          --allocation      sparsity over layers: uniform, erk, owl          [string] [default: uniform]
          --owl-threshold   owl: an outlier exceeds this many times the mean score              [string]
          --owl-lambda      owl: the most a layer's sparsity differs                            [string]
          --layer-sparsity  GLOB=FRACTION for the layers that match, repeatable                 [string]

    From which layers:
          --include  only layers that match: globs or re:… over node, weight and op names        [array]
          --exclude  no layers that match                                                        [array]

    Method:
          --statistics-from  earlier blocks while observing: sparse or dense  [string] [default: sparse]
          --regions          worked on at a time: matrix, half, block, whole   [string] [default: block]
          --damping          sparsegpt: added to the Gram matrix, relative to its mean diagonal [string]
          --block-size       sparsegpt: columns decided at once                                 [string]
          --ria-alpha        ria: power of the activation norm                                  [string]

    Data:
          --calibration   text, JSONL, .npy, .npz or a descriptor (.yaml)                        [array]
          --eval-data     measured before and after                                              [array]
          --eval-samples  of the evaluation data; default: all                                  [string]
          --metric        auto, perplexity or top1                              [string] [default: auto]
          --tokenizer     tokenizer.json; default: the descriptor's, or the one beside the model[string]
          --field         field of each JSONL line that holds the text                          [string]
          --seq-len       tokens per window                                                     [string]
          --samples       of the calibration data; default: the descriptor's, 128 windows of text, or
                          all                                                                   [string]
          --seed          seed of every random choice; default: the descriptor's, or 0          [string]

    Output:
      -o, --output    the pruned model                                                          [string]
          --report    folder of report.json and report.html; default: OUTPUT.report             [string]
          --run       working folder, kept when named; default: OUTPUT.run                      [string]
          --force     overwrite what exists                                                    [boolean]
          --max-drop  exit 4 when quality drops by more than this fraction                      [string]
          --dry-run   list the layers that would be pruned, write nothing                      [boolean]
          --json      print one JSON document on stdout                                        [boolean]
          --quiet     no progress                                                              [boolean]

    Runtime:
          --provider         execution provider: auto, cuda, tensorrt, dml, coreml, webgpu, cpu
                                                                                [string] [default: auto]
          --provider-option  KEY=VALUE for the provider, repeatable                             [string]
          --threads          threads of a run; default: the runtime's choice                    [string]
          --batch            samples per run; default: chosen by size                           [string]

    Options:
          --version  Show version number                                                       [boolean]
      -h, --help     Show help                                                                 [boolean]

    Examples:
      # half of each row
      scalpel prune gpt.onnx --method wanda --pattern 0.5 --calibration text.txt -o out.onnx
      # 2 kept of every 4
      scalpel prune gpt.onnx --method sparsegpt --pattern 2:4 --calibration text.txt -o out.onnx
      # without data
      scalpel prune net.onnx --method magnitude --pattern 0.7 --exclude 'fc*' -o out.onnx
    "
  `);
});

test('scalpel eval --help', async () => {
  expect(await helpOf('eval')).toMatchInlineSnapshot(`
    "scalpel eval <model>

    Measure perplexity or accuracy on data

    Positionals:
      model  the ONNX model to measure                                               [string] [required]

    Data:
          --data       text, JSONL, .npy, .npz or a descriptor (.yaml)                [array] [required]
          --metric     perplexity, top1, or auto: by what the model is          [string] [default: auto]
          --tokenizer  tokenizer.json; default: the descriptor's, or the one beside the model   [string]
          --field      field of each JSONL line that holds the text                             [string]
          --seq-len    tokens per window                                                        [string]
          --samples    samples taken; default: the descriptor's number, or all                  [string]
          --seed       seed of every random choice; default: the descriptor's, or 0             [string]

    Output:
          --json   print one JSON document on stdout                                           [boolean]
          --quiet  no progress                                                                 [boolean]

    Runtime:
          --provider         execution provider: auto, cuda, tensorrt, dml, coreml, webgpu, cpu
                                                                                [string] [default: auto]
          --provider-option  KEY=VALUE for the provider, repeatable                             [string]
          --threads          threads of a run; default: the runtime's choice                    [string]
          --batch            samples per run; default: chosen by size                           [string]

    Options:
          --version  Show version number                                                       [boolean]
      -h, --help     Show help                                                                 [boolean]

    Examples:
      # perplexity on a text
      scalpel eval gpt.onnx --data text.txt --seq-len 128
      # top-1 and top-5 as JSON
      scalpel eval net.onnx --data test.npz --json
    "
  `);
});

test('scalpel inspect --help', async () => {
  expect(await helpOf('inspect')).toMatchInlineSnapshot(`
    "scalpel inspect <model>

    Show what a model is made of and what can be pruned

    Positionals:
      model  the ONNX model to look at                                               [string] [required]

    Options:
          --version         Show version number                                                [boolean]
          --regions         list the regions: matrix, half, block, whole; block when none is named
                                                                                                [string]
          --no-sparsity     do not count zeros, which reads every weight once                  [boolean]
          --differentiable  list the ops without a gradient rule that a gradient of the outputs would
                            reach                                                              [boolean]
          --json            print one JSON document on stdout                                  [boolean]
      -h, --help            Show help                                                          [boolean]

    Examples:
      # inputs, outputs, ops, parameters, prunable layers
      scalpel inspect gpt.onnx
      # also the parts that are worked on one at a time, as JSON
      scalpel inspect gpt.onnx --regions half --json
    "
  `);
});

test('scalpel compare --help', async () => {
  expect(await helpOf('compare')).toMatchInlineSnapshot(`
    "scalpel compare <a> <b>

    Compare two models: structure, weights, outputs on data

    Positionals:
      a  an ONNX model                                                               [string] [required]
      b  another one                                                                 [string] [required]

    What is compared:
          --parts      only these: structure, weights, fields, outputs                           [array]
          --tolerance  largest difference of an output that counts as equal     [string] [default: 1e-5]

    Data:
          --data       inputs for both models; default: random ones                              [array]
          --tokenizer  tokenizer.json; default: the descriptor's, or the one beside the model   [string]
          --field      field of each JSONL line that holds the text                             [string]
          --seq-len    tokens per window                                                        [string]
          --samples    samples taken; default: the descriptor's number, or all                  [string]
          --seed       seed of every random choice; default: the descriptor's, or 0             [string]

    Output:
          --json   print one JSON document on stdout                                           [boolean]
          --quiet  no progress                                                                 [boolean]

    Runtime:
          --provider         execution provider: auto, cuda, tensorrt, dml, coreml, webgpu, cpu
                                                                                [string] [default: auto]
          --provider-option  KEY=VALUE for the provider, repeatable                             [string]
          --threads          threads of a run; default: the runtime's choice                    [string]
          --batch            samples per run; default: chosen by size                           [string]

    Options:
          --version  Show version number                                                       [boolean]
      -h, --help     Show help                                                                 [boolean]

    Examples:
      # everything, on random inputs
      scalpel compare before.onnx after.onnx
      # outputs on data
      scalpel compare before.onnx after.onnx --parts outputs --data test.npz --tolerance 1e-3
    "
  `);
});

test.each(Object.keys(commands))('scalpel %s --help has examples', async (name) => {
  expect(await helpOf(name)).toMatch(new RegExp(`\nExamples:\n  # .*\n  scalpel ${name} `));
});

test('scalpel --version', async () => {
  expect(await runScalpel(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});
