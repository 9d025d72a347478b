/** `scalpel convert --help` as it is printed. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

test('scalpel convert --help', async () => {
  const { exitCode, stdout, stderr } = await runScalpel(['convert', '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatchInlineSnapshot(`
    "scalpel convert <model>

    Write a model in another form: smaller, faster, or for another reader

    Positionals:
      model  the ONNX model to convert                                               [string] [required]

    Form:
          --to           form that is written, or several that are compared, with commas: shrink,
                         float16, bfloat16, int8, matmul-nbits, low-rank, sparse-initializer, dense,
                         external, bitmask, csr, nm-packed, nm-dense, trim-vocabulary, auto
                                                                                     [string] [required]
          --set          OPTION=VALUE or FORM.OPTION=VALUE, repeatable; options: docs/convert.md[string]
          --include      only what matches: globs or re:… over names of weights and nodes, and ops
                                                                                                 [array]
          --exclude      nothing that matches                                                    [array]
          --weights      with --to dense: .safetensors file of values for weights of the model  [string]
          --tokens       with --to trim-vocabulary: file of the ids of tokens to keep           [string]
          --tokens-from  with --to trim-vocabulary: text whose tokens are kept                   [array]

    Data:
          --data                 models are compared on it; default: random numbers              [array]
          --metric               headline figure: auto, perplexity, top1, auc, f1, log-loss, ece
                                                                                [string] [default: auto]
          --calibration          what forms that look at data see                                [array]
          --calibration-samples  of the calibration data; default: 128 windows of text, or all  [string]
          --tokenizer            tokenizer.json; default: the descriptor's, or the one beside the model
                                                                                                [string]
          --field                field of each JSONL line that holds the text                   [string]
          --seq-len              tokens per window                                              [string]
          --samples              samples taken; default: the descriptor's number, or all        [string]
          --seed                 seed of every random choice; default: the descriptor's, or 0   [string]
          --kind                 what the files hold: text, tokens, arrays, images, cifar, idx, ucr,
                                 tsv, ts, arff, csv, parquet, jsonl; default: told by their names
                                                                                                [string]
          --map                  INPUT=COLUMN: the array or column that feeds an input, or the role it
                                 plays in a language model; repeatable                          [string]
          --separator            text: between documents, or a special token before each        [string]
          --labels               file of labels: JSON, CSV, text or idx; default: what the data says
                                                                                                [string]
          --label-column         column or field that holds the label, by name or number from 0 [string]
          --classes              labels in the order of the classes; default: as the files say, or
                                 sorted                                                          [array]
          --columns              tables: columns taken as features, in this order; default: all but the
                                 label                                                           [array]
          --delimiter            tables: between cells; default: told from the first line       [string]
          --header               tables: whether the first line names the columns; default: told[string]
          --missing              tables: number in the place of missing values; default: they are
                                 refused                                                        [string]

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
      -o, --output     the file that is written; external data lie beside it                    [string]
          --report     folder of report.json and report.html; default: OUTPUT.report            [string]
          --force      overwrite what exists                                                   [boolean]
          --max-error  exit 4 when an output changes by more than this fraction of its norm; of several
                       forms the best within it is written, default 0.01                        [string]
          --max-drop   exit 4 when quality drops by more than this fraction; the same           [string]
          --dry-run    try one sample, estimate time, memory and disk, write nothing           [boolean]
          --json       print one JSON document on stdout                                       [boolean]
          --quiet      no progress                                                             [boolean]

    Runtime:
          --provider         execution provider: auto, cuda, tensorrt, dml, coreml, webgpu, cpu
                                                                                [string] [default: auto]
          --provider-option  KEY=VALUE for the provider, repeatable                             [string]
          --threads          threads of a run; default: the runtime's choice                    [string]
          --batch            samples per run; default: chosen by size                           [string]
          --memory           memory to plan with, such as 2GB; default: half of what is free    [string]

    Options:
          --version  Show version number                                                       [boolean]
      -h, --help     Show help                                                                 [boolean]

    Examples:
      # half the bytes, if no output moves by 1 %
      scalpel convert net.onnx --to float16 --data test.npz --max-error 0.01 -o half.onnx
      # inputs and outputs too, softmax in float32
      scalpel convert net.onnx --to float16 --set io=convert --exclude Softmax -o half.onnx
      # all forms beside each other, measured here
      scalpel convert net.onnx --to auto --data test.npz --report forms
      # the fastest form that loses no more than 1 %
      scalpel convert net.onnx --to auto --set by=latency --max-drop 0.01 --data test.npz -o fast.onnx
      # two forms beside each other
      scalpel convert net.onnx --to float16,int8 --set int8.activations=static --calibration train.npz
      # without units that are zero
      scalpel convert masked.onnx --to shrink -o small.onnx
      # zeros are not stored
      scalpel convert pruned.onnx --to sparse-initializer -o sparse.onnx
      # only the tokens of a text
      scalpel convert gpt.onnx --to trim-vocabulary --tokens-from corpus.txt -o small/gpt.onnx
      # weights beside the model, 1 GB a file
      scalpel convert gpt.onnx --to external --set layout=split --set most=1e9 -o parts.onnx
    "
  `);
});
