/** `--help` of the commands about attacks as it is printed. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

const helpOf = async (command: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await runScalpel([command, '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

test('scalpel attack --help', async () => {
  expect(await helpOf('attack')).toMatchInlineSnapshot(`
    "scalpel attack <model>

    Find the smallest changes of inputs that make a classifier wrong

    Positionals:
      model  the ONNX classifier to attack                                           [string] [required]

    Data:
          --data          labelled samples: files, a folder of pictures, or a descriptor (.yaml)
                                                                                      [array] [required]
          --examples      at most so many that the model gets right; default: all               [string]
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

    Attack:
          --attack    attacks, with commas between: gse, pgd0, sigma-zero, fgsm, mi-fgsm, saif,
                      sparse-rs, corner-search, apgd-ce, apgd-dlr, jsma, fwnucl, strattack, pgd-l1,
                      pgd-l2, pgd-linf, ddn, sparsefool, homotopy, one-pixel, square-l2, square-linf,
                      ead, fmn-l0, fmn-l1, fmn-l2, fmn-linf, sapf, carlini-wagner-l2, deepfool, zoom
                                                                                                 [array]
          --suite     all attacks that keep this small: sparse, group, linf, l2, l1, all        [string]
          --set       OPTION=VALUE or ATTACK.OPTION=VALUE, repeatable; options: docs/attacks.md [string]
          --targeted  labels to reach: 3, +1 (the next one), least-likely, all; default: any other
                                                                                                 [array]
          --bisect    searches the least budget, for attacks that stay within one              [boolean]
          --queries   most forward passes an example                                            [string]
          --seconds   most seconds an example                                                   [string]

    What is attacked:
          --bounds    LOW,HIGH of the input, one pair or one a channel; default: of pixels, or of the
                      data                                                                       [array]
          --mask      .npy file: 0 where nothing may change                                     [string]
          --input     attacked input; default: the only one of floats                           [string]
          --scores    value that holds the scores; default: the output of logits or probabilities
                                                                                                [string]
          --space     image, series, features, tokens, or CHANNELSxHEIGHTxWIDTH; default: by the rank of
                      the input                                                                 [string]
          --gradient  model of gradients to use, made by scalpel grad --of SCORES --wrt INPUT   [string]
          --levels    values an input can have, for success after rounding; default: 256 for pictures
                                                                                                [string]
          --at        value inside the model that is attacked instead, such as embeddings       [string]

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
      -o, --output   folder of report, examples (.npz) and pictures                             [string]
          --run      working folder, kept when named; default: OUTPUT.run                       [string]
          --force    overwrite what exists                                                     [boolean]
          --dry-run  try one sample, estimate time, memory and disk, write nothing             [boolean]
          --json     print one JSON document on stdout                                         [boolean]
          --quiet    no progress                                                               [boolean]

    Runtime:
          --chunk            PART/PARTS such as 1/4: a part of the examples, for scalpel merge  [string]
          --provider         execution provider: auto, cuda, tensorrt, dml, coreml, webgpu, cpu
                                                                                [string] [default: auto]
          --provider-option  KEY=VALUE for the provider, repeatable                             [string]
          --threads          threads of a run; default: the runtime's choice                    [string]
          --batch            samples per run; default: chosen by size                           [string]

    Options:
          --version  Show version number                                                       [boolean]
      -h, --help     Show help                                                                 [boolean]

    Examples:
      # few pixels, in groups
      scalpel attack net.onnx --data test.npz --attack gse -o out
      # to the next label, compared
      scalpel attack net.onnx --data photos --preset imagenet --attack gse,sigma-zero --targeted +1 -o
      out
      # all sparse attacks on a table
      scalpel attack net.onnx --data people.csv --label-column income --suite sparse -o out
      # within 8 grey levels
      scalpel attack net.onnx --data test.npz --attack pgd-linf --set eps=8/255 -o out
    "
  `);
});

test('scalpel merge --help', async () => {
  expect(await helpOf('merge')).toMatchInlineSnapshot(`
    "scalpel merge <part>

    Join the parts of an attack run

    Positionals:
      part  output folder of a part                                                  [string] [required]

    Parts:
          --with  output folders of the other parts                                              [array]

    Output:
      -o, --output  folder of report, examples (.npz) and pictures                   [string] [required]
          --force   overwrite what exists                                                      [boolean]
          --json    print one JSON document on stdout                                          [boolean]
          --quiet   no progress                                                                [boolean]

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
      # of attack --chunk 1/3, 2/3 and 3/3
      scalpel merge out-1 --with out-2 out-3 -o out
    "
  `);
});
