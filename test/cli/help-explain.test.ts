/** `scalpel explain --help` as it is printed. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

test('scalpel explain --help', async () => {
  const { exitCode, stdout, stderr } = await runScalpel(['explain', '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatchInlineSnapshot(`
    "scalpel explain <model>

    Find the smallest believable changes that make a model say something else

    Positionals:
      model  the ONNX classifier or regressor to explain                             [string] [required]

    Data:
          --data          instances: files, a folder of pictures, or a descriptor (.yaml)
                                                                                      [array] [required]
          --schema        features of a table and how they may change (.yaml, .json): docs/schema.md
                                                                                                [string]
          --rows          only these samples, by number from 0: 3,10-12                         [string]
          --from          only samples that the model says this class of, by name or number     [string]
          --examples      at most so many instances; default: all                               [string]
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

    What the model should say:
          --target       other (the most likely other class), +1 (the next one), or a class; default:
                         other                                                                  [string]
          --probability  that the class is to have at least                                     [string]
          --range        of a regressor: LOW,HIGH, or one of them                               [string]
          --margin       by how much the goal is to be passed, in the unit of the scores        [string]

    Method:
          --method     methods, with commas between: scfe, wachter, dice, cem, cfproto, growing-spheres,
                       face, convex-density, revise, c-chvae, actionable-recourse; default: scfe [array]
          --set        OPTION=VALUE or METHOD.OPTION=VALUE, repeatable; options: docs/counterfactuals.md
                                                                                                [string]
          --keep       of all that is found, what is least: sparsity, distance, objective; default:
                       objective                                                                [string]
          --count      counterfactuals of each instance, unlike each other; default: 1          [string]
          --diversity  by what several are picked: determinantal, spread
                                                                       [string] [default: determinantal]
          --queries    most forward passes an instance                                          [string]
          --seconds    most seconds an instance                                   [string] [default: 60]

    What is plausible:
          --reference          examples that say what is plausible, or none; default: the data   [array]
          --reference-samples  at most so many of them, drawn by the seed       [string] [default: 5000]
          --reference-classes  whose word their classes are: data or model; default: data where they
                               have labels                                                      [string]
          --densities          folder where fitted densities are kept, to be used again         [string]
          --autoencoder        ONNX model of an autoencoder of the input                        [string]
          --encoder            ONNX model from the input to latent numbers                      [string]
          --decoder            ONNX model from latent numbers to the input                      [string]
          --class-autoencoder  CLASS=MODEL: an autoencoder of that class alone, for the figures IM1 and
                               IM2; repeatable                                                  [string]
          --flow               ONNX model of a log density of the input                         [string]

    What is explained:
          --bounds    LOW,HIGH of the input, one pair or one a channel; default: of pixels, or of the
                      data                                                                       [array]
          --mask      .npy file: 0 where nothing may change                                     [string]
          --input     explained input; default: the only one of floats                          [string]
          --scores    value that holds the scores; default: the output of logits or probabilities
                                                                                                [string]
          --space     image, series, features, tokens, or CHANNELSxHEIGHTxWIDTH; default: by the rank of
                      the input                                                                 [string]
          --gradient  model of gradients to use, made by scalpel grad --of SCORES --wrt INPUT   [string]

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
      -o, --output   folder of report, tables (.csv), arrays (.npz) and pictures                [string]
          --run      working folder, kept when named; default: OUTPUT.run                       [string]
          --force    overwrite what exists                                                     [boolean]
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
      # what would flip each decision
      scalpel explain net.onnx --data people.csv --label-column income --schema people.yaml -o out
      # of one person, surely
      scalpel explain net.onnx --data people.csv --rows 17 --target approved --probability 0.8 -o out
      # methods compared
      scalpel explain net.onnx --data test.csv --reference train.csv --method scfe,face,wachter -o out
      # what a house lacks to 300
      scalpel explain price.onnx --data houses.csv --label-column price --range 300, -o out
      # which stretch of a series decides
      scalpel explain fcn.onnx --data ECG_TEST.tsv --standardise z -o out
    "
  `);
});
