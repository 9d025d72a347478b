/** `--help` as it is printed; of the commands that measure on data, and of those about gradients, in files beside. */
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
      scalpel prune        Remove weights by a criterion and a pattern
      scalpel reconstruct  Fit the weights that pruning left to what the dense model answers
      scalpel shrink       Take whole channels, neurons, heads, states or blocks out of a model
      scalpel attack       Find the smallest changes of inputs that make a classifier wrong
      scalpel explain      Find the smallest believable changes that make a model say something else
      scalpel train        Train a classifier of time series from few labels
      scalpel convert      Write a model in another form: smaller, faster, or for another reader
      scalpel merge        Join the parts of an attack run
      scalpel eval         Measure perplexity or accuracy on data
      scalpel inspect      Show what a model is made of and what can be pruned
      scalpel compare      Compare two models: structure, weights, outputs on data
      scalpel bench        Time models beside each other: latency, loading, memory, size
      scalpel grad         Write a model of the gradients of a model
      scalpel gradcheck    Compare the gradients of a model with finite differences

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
          --permute         n:m: first puts channels in an order of which the pattern keeps more
                                                                                               [boolean]
          --owl-threshold   owl: an outlier exceeds this many times the mean score              [string]
          --owl-lambda      owl: the most a layer's sparsity differs                            [string]
          --layer-sparsity  GLOB=FRACTION for the layers that match, repeatable                 [string]

    From which layers:
          --include  only layers that match: globs or re:… over node, weight and op names        [array]
          --exclude  no layers that match                                                        [array]

    Method:
          --statistics-from  earlier blocks while observing: sparse or dense  [string] [default: sparse]
          --regions          worked on at a time: matrix, half, block, whole, blocks:N, or a file
                                                                               [string] [default: block]
          --damping          sparsegpt: added to the Gram matrix, relative to its mean diagonal [string]
          --block-size       sparsegpt: columns decided at once                                 [string]
          --ria-alpha        ria: power of the activation norm                                  [string]

    Reconstruction:
          --reconstruct  fits what is left, so much at a time: matrix, half, block, whole, blocks:N, or
                         a file; half is best and cheapest for transformers                     [string]
          --retrain      trains the model as a whole on tokens or labels instead: the baseline [boolean]
          --inputs       what a region is fed: as the model has become (sparse), or as it was (dense);
                         default: sparse                                                        [string]
          --targets      what it should answer: as the dense model there, or its own dense self to the
                         same inputs; default: dense                                            [string]
          --solver       descent or least-squares (exact, for regions of one matrix); default: descent
                                                                                                [string]
          --ridge        least-squares: added to the diagonal, relative to its mean; default: 0.0001
                                                                                                [string]
          --trained      what moves: all, norms-and-biases, lora, lora-prune, mask-lora, scale-lora,
                         spp; default: all                                                      [string]
          --rank         of low-rank changes; default: 16                                       [string]
          --alpha        low-rank changes count alpha / rank times; default: 32                 [string]
          --optimiser    adamw or sgd; default: adamw                                           [string]
          --rate         highest learning rate; default: 0.004, with --retrain 0.0003; less for products
                         of more than 192 columns                                               [string]
          --epochs       passes over the calibration data; default: 5, and for other data than text as
                         many as show 3000 samples                                              [string]
          --batch-size   samples (windows of text) a step; default: 2                           [string]
          --accumulate   runs in which a step is done: more take less memory; default: 1        [string]
          --schedule     of the rate: constant, linear, cosine; default: linear                 [string]
          --warm-up      fraction of the steps over which the rate rises; default: 0.1          [string]
          --clip         largest norm of the gradient; default: none                            [string]
          --loss         mse or cosine; default: mse                                            [string]
          --patience     epochs without a better loss before a region is done; default: all are run
                                                                                                [string]
          --held-out     fraction of the calibration data that decides what is best; default: none
                                                                                                [string]
          --shuffle      another order of the batches in every epoch                           [boolean]

    Data:
          --calibration   files, a folder of pictures, a descriptor (.yaml), or self: text of the model;
                          kinds: see --kind                                                      [array]
          --eval-data     measured before and after                                              [array]
          --eval-samples  of the evaluation data; default: all                                  [string]
          --metric        headline figure: auto, perplexity, top1, auc, f1, log-loss, ece
                                                                                [string] [default: auto]
          --tokenizer     tokenizer.json; default: the descriptor's, or the one beside the model[string]
          --field         field of each JSONL line that holds the text                          [string]
          --seq-len       tokens per window                                                     [string]
          --samples       of the calibration data; default: the descriptor's, 128 windows of text, or
                          all                                                                   [string]
          --seed          seed of every random choice; default: the descriptor's, or 0          [string]
          --kind          what the files hold: text, tokens, arrays, images, cifar, idx, ucr, tsv, ts,
                          arff, csv, parquet, jsonl; default: told by their names               [string]
          --map           INPUT=COLUMN: the array or column that feeds an input, or the role it plays in
                          a language model; repeatable                                          [string]
          --separator     text: between documents, or a special token before each               [string]
          --labels        file of labels: JSON, CSV, text or idx; default: what the data says   [string]
          --label-column  column or field that holds the label, by name or number from 0        [string]
          --classes       labels in the order of the classes; default: as the files say, or sorted
                                                                                                 [array]
          --columns       tables: columns taken as features, in this order; default: all but the label
                                                                                                 [array]
          --delimiter     tables: between cells; default: told from the first line              [string]
          --header        tables: whether the first line names the columns; default: told       [string]
          --missing       tables: number in the place of missing values; default: they are refused
                                                                                                [string]

    Series and features:
          --standardise  none, min-max or z; alone: each series by itself; with :FILE: as all of that
                         file; or :LOW,HIGH, :MEAN,DEVIATION                                    [string]
          --cut-series   cut series that are longer than the model's input                     [boolean]

    Preprocessing, in this order:
          --preset         steps known by name, which the options below overrule: imagenet, cifar10,
                           cifar100, mnist, clip, caffe-bgr, squeezenet, zero-one, minus-one-one[string]
          --preprocess     YAML file of steps, which the options below overrule                 [string]
          --channels       of pictures: rgb, bgr, gray; default: as many as the model takes     [string]
          --resize         shorter side, or HxW, or none; default: to the model's size, where it differs
                                                                                                [string]
          --interpolation  for --resize: nearest, bilinear, bicubic; default: bilinear          [string]
          --crop           middle taken: one number or HxW, or none                             [string]
          --scale          values times this number, such as 1/255                              [string]
          --mean           minus these: one number, or one a channel                             [array]
          --std            divided by these: one number, or one a channel                        [array]
          --layout         of the model's input: nchw, nhwc; default: where its channels are    [string]

    Output:
      -o, --output    the pruned model                                                          [string]
          --report    folder of report.json and report.html; default: OUTPUT.report             [string]
          --run       working folder, kept when named; default: OUTPUT.run                      [string]
          --force     overwrite what exists                                                    [boolean]
          --max-drop  exit 4 when quality drops by more than this fraction                      [string]
          --dry-run   try one sample, estimate time, memory and disk, write nothing            [boolean]
          --json      print one JSON document on stdout                                        [boolean]
          --quiet     no progress                                                              [boolean]

    Runtime:
          --provider         execution provider: auto, cuda, tensorrt, dml, coreml, webgpu, cpu
                                                                                [string] [default: auto]
          --provider-option  KEY=VALUE for the provider, repeatable                             [string]
          --threads          threads of a run; default: the runtime's choice                    [string]
          --batch            samples per run; default: chosen by size                           [string]
          --memory           memory to plan with, such as 2GB; default: half of what is free    [string]
          --activations      precision of values that wait between regions: float32, or float16 for half
                             the room                                        [string] [default: float32]
          --jobs             processes that share the regions, with --statistics-from dense and --inputs
                             dense; --threads counts for each                                   [string]

    Options:
          --version  Show version number                                                       [boolean]
      -h, --help     Show help                                                                 [boolean]

    Examples:
      # half of each row
      scalpel prune gpt.onnx --method wanda --pattern 0.5 --calibration text.txt -o out.onnx
      # then fits what is left, attention and MLP apart
      scalpel prune gpt.onnx --method wanda --pattern 0.7 --reconstruct half --calibration text.txt -o
      out.onnx
      # 2 kept of every 4
      scalpel prune gpt.onnx --method sparsegpt --pattern 2:4 --calibration text.txt -o out.onnx
      # without data
      scalpel prune net.onnx --method magnitude --pattern 0.7 --exclude 'fc*' -o out.onnx
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
          --regions         list the regions: matrix, half, block, whole, blocks:N, or a file; block
                            when none is named                                                  [string]
          --save-regions    a new file for the regions, YAML or .json, to edit and to give to --regions
                                                                                                [string]
          --no-sparsity     do not count zeros, which reads every weight once                  [boolean]
          --differentiable  list what keeps the outputs from being differentiated, with reasons[boolean]
          --dry-run         changes nothing: inspect only looks                                [boolean]
          --json            print one JSON document on stdout                                  [boolean]
      -h, --help            Show help                                                          [boolean]

    Examples:
      # inputs, outputs, ops, parameters, prunable layers
      scalpel inspect gpt.onnx
      # also the parts that are worked on one at a time, as JSON
      scalpel inspect gpt.onnx --regions half --json
      # the same written down
      scalpel inspect gpt.onnx --regions half --save-regions regions.yaml
    "
  `);
});

test('scalpel --version', async () => {
  expect(await runScalpel(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});

test.each(Object.keys(commands))('scalpel %s --help has examples', async (name) => {
  expect(await helpOf(name)).toMatch(new RegExp(`\nExamples:\n  # .*\n  scalpel ${name} `));
});
