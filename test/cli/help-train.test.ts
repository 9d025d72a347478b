/** `scalpel train --help` as it is printed. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

test('scalpel train --help', async () => {
  const { exitCode, stdout, stderr } = await runScalpel(['train', '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatchInlineSnapshot(`
    "scalpel train

    Train a classifier of time series from few labels

    Start:
          --model       ONNX classifier that is trained further; default: a fresh backbone      [string]
          --backbone    fresh network: fcn, resnet, inception-time, cnn-lstm, transformer; default: fcn
                                                                                                [string]
          --width       channels of its first layer; default: as published                      [string]
          --dropout     share of its features that training drops; default: 0                   [string]
          --new-head    draw the last layer of the model anew, for the classes of the data     [boolean]
          --free-zeros  let weights that are zero in the model move; default: a pruned model stays
                        pruned                                                                 [boolean]

    Series:
          --data          training series, labelled or not (an empty label, ? or NaN): files or a
                          descriptor                                                  [array] [required]
          --unlabelled    more series, whose labels do not count                                 [array]
          --validation    labelled series to judge on; default: drawn from the training series   [array]
          --test          labelled series for the figures of the report                          [array]
          --kind          what the files hold: text, tokens, arrays, images, cifar, idx, ucr, tsv, ts,
                          arff, csv, parquet, jsonl; default: told by their names               [string]
          --label-column  column or field that holds the label, by name or number from 0        [string]
          --label-file    file of the labels of the training series: JSON, CSV, text or idx     [string]
          --no-label      the label that marks series without one                               [string]
          --classes       labels in the order of the classes; default: as the model or the files say, or
                          sorted                                                                 [array]
          --columns       tables: columns taken as steps, in this order; default: all but the label
                                                                                                 [array]
          --delimiter     tables: between cells; default: told from the first line              [string]
          --header        tables: whether the first line names the columns; default: told       [string]
          --missing       number in the place of missing values; default: they are refused      [string]
          --steps-first   arrays are [series, length, channels]                                [boolean]
          --standardise   none, min-max or z, kept inside the model: alone, each series by itself;
                          :training, :FILE, :LOW,HIGH or :MEAN,DEVIATION; default: none         [string]
          --cut-series    cut series that are longer than those trained on                     [boolean]
          --pad-series    fill up series of files that are shorter than those of others        [boolean]

    Labels:
          --labels           how many labels are used: 50,100,all; a training for each
                                                                                 [string] [default: all]
          --seeds            how many seeds, or which (138,299); a training for each
                                                                                   [string] [default: 1]
          --validation-size  series to validate on; default: 100, at most a fifth of the labelled
                                                                                                [string]
          --test-size        at most so many test series, drawn by class; default: all          [string]

    Algorithm:
          --algorithm  supervised, fully-labelled, pseudo-label, pi-model, mean-teacher, vat, mixmatch,
                       fixmatch, ladder, self-supervised                    [string] [default: mixmatch]
          --set        OPTION=VALUE of the algorithm, repeatable; options: docs/training.md     [string]
          --baseline   what else is fitted to the same labels, with commas between: random-forest,
                       logistic-regression, rocket, label-propagation, label-spreading           [array]

    Search:
          --search   search settings first (Hyperband), by the first of --labels and --seeds   [boolean]
          --trials   settings that are tried; default: 30, or as many as --minutes allow        [string]
          --minutes  after which no trial begins                                                [string]

    Training:
          --steps             most steps of a training; default: 800                            [string]
          --epochs            most times through the labelled series; default: no limit, or the
                              algorithm's where --steps says nothing                            [string]
          --every             steps from one judgement on validation series to the next
                                                                                  [string] [default: 40]
          --patience          judgements without a better one before training ends[string] [default: 10]
          --choose-from       share of the steps before which no weights are chosen; default: 0, or the
                              algorithm's                                                       [string]
          --labelled-batch    labelled series of a step                           [string] [default: 32]
          --unlabelled-batch  unlabelled series of a step                         [string] [default: 32]
          --optimiser         adamw, or sgd (Nesterov)                         [string] [default: adamw]
          --rate              highest learning rate                            [string] [default: 0.001]
          --schedule          of the learning rate: constant, linear, cosine  [string] [default: cosine]
          --warm-up           share of the steps over which it rises            [string] [default: 0.05]
          --weight-decay      of the optimiser                                [string] [default: 0.0001]
          --clip              largest joint norm of the gradients; default: not clipped         [string]
          --class-weights     none, or balanced: each class counts as much      [string] [default: none]
          --average           decay of an average of the weights that is kept; default: none, or the
                              algorithm's                                                       [string]

    Views:
          --augment  of series: none, N,M (RandAugment of N augmentations, magnitude M / 10), or
                     NAME:MAGNITUDE; default: none, or the algorithm's                          [string]
          --weak     the weak view of fixmatch                        [string] [default: mag-noise:0.02]
          --strong   the strong view of fixmatch                                [string] [default: 2,10]

    Output:
          --save-all  write the model of every training, not only of the best                  [boolean]
      -o, --output    folder of model, report and figures                                       [string]
          --run       working folder, kept when named; default: OUTPUT.run                      [string]
          --force     overwrite what exists                                                    [boolean]
          --dry-run   try one sample, estimate time, memory and disk, write nothing            [boolean]
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
      # mixmatch from 50 labels
      scalpel train --data ECG_TRAIN.tsv --test ECG_TEST.tsv --labels 50 -o out
      # a label budget plot
      scalpel train --data Crop.tsv --test Crop_TEST.tsv --algorithm vat --labels 50,100,250 --seeds 5
      -o out
      # fine-tuning
      scalpel train --model fcn.onnx --data ours.tsv --algorithm supervised --rate 1e-4 -o out
      # recovery after pruning, zeros held
      scalpel train --model pruned.onnx --data ours.tsv --labels 50 -o out
      # channels scaled inside the model
      scalpel train --data HAR.ts --backbone inception-time --standardise z:training --labels 100 -o out
    "
  `);
});
