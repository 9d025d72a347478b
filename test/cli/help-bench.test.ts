/** `scalpel bench --help` as it is printed. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

test('scalpel bench --help', async () => {
  const { exitCode, stdout, stderr } = await runScalpel(['bench', '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatchInlineSnapshot(`
    "scalpel bench <models..>

    Time models beside each other: latency, loading, memory, size

    Positionals:
      models  ONNX models that take the same inputs; the first is what the others are compared with
                                                                                      [array] [required]

    Rounds:
          --runs     rounds at most; in each, every model is timed once          [string] [default: 100]
          --seconds  that each model may take for its rounds                      [string] [default: 10]
          --warm-up  untimed rounds before                                         [string] [default: 3]
          --loads    fresh processes that load each model, for load time and memory[string] [default: 5]
          --isolate  each round starts a fresh process for each model                          [boolean]

    Data:
          --data          inputs for all models; default: random ones                            [array]
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
      -o, --output   folder of report.json and report.html                                      [string]
          --force    overwrite what exists                                                     [boolean]
          --dry-run  try one sample, estimate time, memory and disk, write nothing             [boolean]
          --json     print one JSON document on stdout                                         [boolean]
          --quiet    no progress                                                               [boolean]

    Runtime:
          --provider         execution provider: auto, cuda, tensorrt, dml, coreml, webgpu, cpu
                                                                                [string] [default: auto]
          --provider-option  KEY=VALUE for the provider, repeatable                             [string]
          --threads          threads of a run; default: the runtime's choice                    [string]
          --batch            samples per run; default: 1, or what a model fixes                 [string]
          --memory           memory to plan with, such as 2GB; default: half of what is free    [string]

    Options:
          --version  Show version number                                                       [boolean]
      -h, --help     Show help                                                                 [boolean]

    Examples:
      # on random inputs
      scalpel bench dense.onnx pruned.onnx
      # on data, eight at a time
      scalpel bench a.onnx b.onnx c.onnx --data photos --preset imagenet --batch 8 --threads 1
      # each in processes of its own, with a page of the figures
      scalpel bench a.onnx b.onnx --isolate -o out
    "
  `);
});
