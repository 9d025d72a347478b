/** Series, labels and models that cannot be trained on or further: each with its exit code and the whole of its message. */
import { beforeAll, describe, expect, test } from 'vitest';
import { check, inMistakeFolder, type Row } from './mistake-check.js';
import { gpt } from './mistake-files.js';
import { runScalpel } from './run-scalpel.js';
import { further, semi, train, writeTrainingFiles } from './training-files.js';

inMistakeFolder();
beforeAll(writeTrainingFiles);

describe('series', () => {
  test.each<Row>([
    [train('', 'nowhere.tsv'), 2, 'nowhere.tsv: no such file; check the path'],
    [train('', 'empty.tsv'), 2, 'empty.tsv: expected series, got none; the data part is empty'],
    [
      train('', 'one.tsv'),
      2,
      "one.tsv: expected series of at least two classes, got '0' alone; give series of other classes",
    ],
    [
      train('', 'nobody.tsv'),
      2,
      'nobody.tsv: expected labelled series, got none with a label; say which column holds the labels (--label-column), or what the files are (--kind)',
    ],
    [
      train('', 'hole.tsv'),
      2,
      "hole.tsv:5: dimension 1, value 3: expected a number, got 'NaN'; fill it in, or say what stands in with --missing",
    ],
    [train('', 'hole.npz'), 2, /^hole\.npz: 'x': expected .*series 0/],
    [train('', 'fewer.npz'), 2, /^fewer\.npz: .*5 .*6|^fewer\.npz: .*6 .*5/],
    [
      train('', 'good.tsv long.tsv'),
      2,
      'long.tsv: expected series of 8 values, as in good.tsv, got 12; fill shorter ones up with zeros by --pad-series',
    ],
    [
      train('--unlabelled long.tsv'),
      2,
      'long.tsv: expected series of 8 values, as in good.tsv, got 12; fill shorter ones up with zeros by --pad-series',
    ],
    [
      train('--test long.tsv'),
      2,
      'long.tsv: expected series of 8 values, as in the training set, got 12; cut them with --cut-series',
    ],
    [
      train('--validation wide.npz'),
      2,
      'wide.npz: expected 1 channel, as in the training set, got 3; give series of the same channels',
    ],
    [
      train('--test three.tsv'),
      2,
      "three.tsv: expected one of the classes of the training set (0, 1), got '2' for series 2; mend the label or add the class there",
    ],
    [
      train('--test nobody.tsv'),
      2,
      'nobody.tsv: expected labelled series for test, got 10 without a label; give labelled ones',
    ],
    [
      train('--validation nobody.tsv'),
      2,
      'nobody.tsv: expected labelled series for validation, got 10 without a label; give labelled ones',
    ],
    [train('--unlabelled empty.tsv'), 2, 'empty.tsv: expected series, got none; the data part is empty'],
    [
      train('--classes 0'),
      2,
      "good.tsv: expected one of the classes of --classes (0), got '1' for series 1; mend the label or add the class there",
    ],
  ])('%s', check);
});

describe('labels', () => {
  test.each<Row>([
    [train('--labels 1'), 2, '--labels: expected at least 2 labels, one a class, got 1; ask for more'],
    [
      train('--labels 100'),
      2,
      '--labels: expected at most 16 labels, which are left beside the validation series, got 100; ask for fewer, or all',
    ],
    [
      train('--labels 100 --validation test.tsv'),
      2,
      '--labels: expected at most 20 labels, which the training set has, got 100; ask for fewer, or all',
    ],
    [
      train('--validation-size 19'),
      2,
      '--validation-size: expected from 1 to 18 series, which leaves one of each class to train on, got 19; ask for fewer or give a file with --validation',
    ],
    [
      train('', 'two.tsv'),
      2,
      '--validation: expected more labelled series than one a class, so that some can be set apart, got 2 of 2 classes; label more or give a file of others',
    ],
    [
      semi(''),
      2,
      '--labels: expected unlabelled series, which mixmatch needs, got none beside 16 labelled ones; ask for fewer labels or add series with --unlabelled',
    ],
    [
      semi('--algorithm vat --labels 4,all'),
      2,
      '--labels: expected unlabelled series, which vat needs, got none beside 16 labelled ones; ask for fewer labels or add series with --unlabelled',
    ],
  ])('%s', check);

  test.each(['supervised', 'fully-labelled'])('%s needs no unlabelled series', async (algorithm) => {
    const folder = `all-${algorithm}`;
    const line = `train --data good.tsv -o ${folder} --algorithm ${algorithm} --width 2 --steps 2 --every 1 --provider cpu --quiet`;
    expect((await runScalpel(line.split(' '))).exitCode).toBe(0);
  });
});

describe('models', () => {
  test.each<Row>([
    [further('--model nowhere.onnx'), 2, 'nowhere.onnx: no such file; check the path'],
    [
      further(`--model ${gpt}`),
      2,
      "model: expected one input, of floats, to feed series, got int64 'input_ids'; choose a classifier of series",
    ],
    [
      further('--model picture.onnx'),
      2,
      "good.tsv: expected data of shape [?, 1, 4, 4] for the input 'x', got 1 channel of 8 values; choose other columns or another layout",
    ],
    [
      further('--model wide.onnx'),
      2,
      "good.tsv: expected data of shape [?, 3, 8] for the input 'input', got 1 channel of 8 values; choose other columns or another layout",
    ],
    [
      further('--model short.onnx'),
      2,
      "good.tsv: expected series of 4 values, as in the input 'input', got 8; cut them with --cut-series",
    ],
    [
      further('--model fixed.onnx'),
      3,
      "train: expected an input of any number of series, got 'input' of 4; export the model with a dynamic batch",
    ],
    [
      further('--model net3.onnx'),
      2,
      'net3.onnx: expected data of 3 classes, as the model has outputs, got 2; name all classes in their order with --classes, or draw its last layer anew with --new-head',
    ],
    [
      further('--model torn.onnx'),
      2,
      "torn.onnx: expected the metadata 'classes' to be a JSON list of names, got 'a,b'; repair or remove it",
    ],
    [
      further('--model named.onnx'),
      2,
      "good.tsv: expected one of the classes of named.onnx (a, b), got '0' for series 0; name the labels in the order of its classes with --classes",
    ],
    [
      further('--model many.onnx'),
      2,
      "many.onnx: expected 2 names in the metadata 'classes', as the model has outputs, got 3; repair it, or name the classes with --classes",
    ],
    [
      further('--model scaled.onnx --standardise z'),
      2,
      'standardise: expected none, as the model standardises its input itself ({"kind":"z","over":"each"}), got z; leave it out',
    ],
    [
      semi('--algorithm ladder --backbone transformer --labels 4').replace('--width 2', '--width 4'),
      3,
      'ladder: expected blocks of convolution (stride 1) and BatchNormalization in a row, got no BatchNormalization behind a convolution; take the backbone fcn',
    ],
  ])('%s', check);
});
