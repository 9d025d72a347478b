/** `--help` of the commands about gradients as it is printed. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

const helpOf = async (command: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await runScalpel([command, '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

test('scalpel grad --help', async () => {
  expect(await helpOf('grad')).toMatchInlineSnapshot(`
    "scalpel grad <model>

    Write a model of the gradients of a model

    Positionals:
      model  the ONNX model to differentiate                                         [string] [required]

    What is differentiated:
          --of          value that is differentiated, or that the loss is of; default: the logits
                                                                                                [string]
          --loss        loss of it: cross-entropy, margin, kl, mse, cosine, entropy             [string]
          --wrt         with respect to: inputs, weights, all, or names of values     [array] [required]
          --sum         without a loss: the gradient of the sum, instead of one weighted by an input
                        seed/NAME                                                              [boolean]
          --ignore      cross-entropy: class id that counts for nothing; default: -100          [string]
          --confidence  margin: not pushed below minus this; default: without end               [string]

    Output:
          --weights-as-inputs  weights among --wrt become inputs, to be fed anew at every run  [boolean]
      -o, --output             the model of loss and gradients                       [string] [required]
          --force              overwrite what exists                                           [boolean]
          --dry-run            try one sample, estimate time, memory and disk, write nothing   [boolean]
          --json               print one JSON document on stdout                               [boolean]
          --quiet              no progress                                                     [boolean]

    Options:
          --version  Show version number                                                       [boolean]
      -h, --help     Show help                                                                 [boolean]

    Examples:
      # inputs: those of the model and target
      scalpel grad net.onnx --loss cross-entropy --wrt weights -o grad.onnx
      # of the sum of an output, or of any value inside
      scalpel grad net.onnx --of logits --wrt inputs --sum -o grad.onnx
    "
  `);
});

test('scalpel gradcheck --help', async () => {
  expect(await helpOf('gradcheck')).toMatchInlineSnapshot(`
    "scalpel gradcheck <model>

    Compare the gradients of a model with finite differences

    Positionals:
      model  the ONNX model to differentiate                                         [string] [required]

    What is differentiated:
          --of          value that is differentiated, or that the loss is of; default: the logits
                                                                                                [string]
          --loss        loss of it: cross-entropy, margin, kl, mse, cosine, entropy             [string]
          --wrt         with respect to: inputs, weights, all, or names of values     [array] [required]
          --sum         without a loss: the gradient of the sum, instead of one weighted by an input
                        seed/NAME                                                              [boolean]
          --ignore      cross-entropy: class id that counts for nothing; default: -100          [string]
          --confidence  margin: not pushed below minus this; default: without end               [string]

    What is compared:
          --directions  random directions for each input and weight                [string] [default: 2]
          --entries     largest entries of each gradient, and as many random ones  [string] [default: 2]
          --tolerance   largest error, relative to the gradient; default: 1e-5 in float64, 1e-3 where
                        that is not possible                                                    [string]

    Data:
          --data          inputs, and a target for a loss; default: random ones                  [array]
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
      # exit code 4 when they differ
      scalpel gradcheck net.onnx --loss cross-entropy --wrt all --data test.npz
      # on random inputs
      scalpel gradcheck net.onnx --of logits --wrt inputs
    "
  `);
});
