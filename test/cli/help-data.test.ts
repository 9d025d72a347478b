/** `--help` of the commands that measure on data as it is printed. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

const helpOf = async (command: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await runScalpel([command, '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

test('scalpel eval --help', async () => {
  expect(await helpOf('eval')).toMatchInlineSnapshot(`
    "scalpel eval <model>

    Measure perplexity or accuracy on data

    Positionals:
      model  the ONNX model to measure                                               [string] [required]

    Data:
          --data          files, a folder of pictures, or a descriptor (.yaml); kinds: see --kind
                                                                                      [array] [required]
          --metric        headline figure: perplexity, top1, auc, f1, log-loss, ece, or auto: by what
                          the data is                                           [string] [default: auto]
          --tokenizer     tokenizer.json; default: the descriptor's, or the one beside the model[string]
          --field         field of each JSONL line that holds the text                          [string]
          --seq-len       tokens per window                                                     [string]
          --samples       samples taken; default: the descriptor's number, or all               [string]
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
          --dry-run  try one sample, estimate time, memory and disk, write nothing             [boolean]
          --json     print one JSON document on stdout                                         [boolean]
          --quiet    no progress                                                               [boolean]

    Runtime:
          --provider         execution provider: auto, cuda, tensorrt, dml, coreml, webgpu, cpu
                                                                                [string] [default: auto]
          --provider-option  KEY=VALUE for the provider, repeatable                             [string]
          --threads          threads of a run; default: the runtime's choice                    [string]
          --batch            samples per run; default: chosen by size                           [string]
          --memory           memory to plan with, such as 2GB; default: half of what is free    [string]
          --activations      precision of values that wait between regions: float32, or float16 for half
                             the room                                        [string] [default: float32]

    Options:
          --version  Show version number                                                       [boolean]
      -h, --help     Show help                                                                 [boolean]

    Examples:
      # perplexity on a text
      scalpel eval gpt.onnx --data text.txt --seq-len 128
      # accuracy, AUC, F1, log loss and calibration error as JSON
      scalpel eval net.onnx --data test.npz --json
      # the same on a table
      scalpel eval net.onnx --data people.csv --label-column income
      # a folder of pictures with one sub-folder a class
      scalpel eval net.onnx --data photos --preset imagenet
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
          --data          inputs for both models; default: random ones                           [array]
          --tokenizer     tokenizer.json; default: the descriptor's, or the one beside the model[string]
          --field         field of each JSONL line that holds the text                          [string]
          --seq-len       tokens per window                                                     [string]
          --samples       samples taken; default: the descriptor's number, or all               [string]
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
          --dry-run  try one sample, estimate time, memory and disk, write nothing             [boolean]
          --json     print one JSON document on stdout                                         [boolean]
          --quiet    no progress                                                               [boolean]

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
