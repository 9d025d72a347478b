/** `scalpel shrink --help` as it is printed. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

test('scalpel shrink --help', async () => {
  const { exitCode, stdout, stderr } = await runScalpel(['shrink', '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatchInlineSnapshot(`
    "scalpel shrink <model>

    Take whole channels, neurons, heads, states or blocks out of a model

    Positionals:
      model  the ONNX model to take units or blocks out of                           [string] [required]

    What goes:
          --units                what may go, several with commas: channels, stream-channels, neurons,
                                 heads, kv-groups, head-width, recurrent-units, width, blocks, branches
                                    [string] [default: channels,neurons,heads,kv-groups,recurrent-units]
          --criterion, --method  what decides: magnitude, random, wanda-sp, flap-ifv, flap-wifv,
                                 flap-wifn, taylor, batchnorm-scale; of blocks and branches:
                                 block-influence, loss, taylor, magnitude, random; default: magnitude,
                                 of blocks block-influence                                      [string]
          --sparsity             the fraction of units or blocks that goes                      [string]
          --target               what the model is to come down to instead, as a fraction: parameters,
                                 flops, bytes, latency; such as latency=0.6                     [string]
          --allocation           the same fraction of every group (uniform), or units compete over all
                                 groups (global); default: as is usual for the criterion        [string]
          --multiple             counts that stay are multiples of it, but for heads: kernels of the
                                 runtime like widths of 8; default: 8                           [string]
          --least                the share of each group that stays in any case; default: 0.1   [string]
          --compensate           adds what units gave on average to biases; flap does so anyway[boolean]
          --no-compensate        leaves biases as they are, with flap too                      [boolean]
          --include              only groups with a weight that matches: globs or re:…           [array]
          --exclude              no groups with a weight that matches                            [array]

    Reconstruction:
          --reconstruct  fits what is left to what the dense model answers, so much at a time: matrix,
                         half, block, whole, blocks:N, or a file                                [string]
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
      -o, --output    the shrunk model                                                          [string]
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
      # heads and neurons that fluctuate least
      scalpel shrink gpt.onnx --criterion flap-wifv --sparsity 0.3 --calibration text.txt -o small.onnx
      # channels, and the rest fitted again
      scalpel shrink resnet.onnx --criterion taylor --sparsity 0.5 --reconstruct whole --calibration
      images.npz -o small.onnx
      # whole blocks that turn what goes through them least
      scalpel shrink gpt.onnx --units blocks --sparsity 0.25 --retrain --calibration text.txt -o
      small.onnx
      # as many as that takes, measured
      scalpel shrink net.onnx --target latency=0.6 --calibration data.npz -o small.onnx
      # lists what could go, and what not and why
      scalpel shrink net.onnx --sparsity 0.5 --dry-run
    "
  `);
});
