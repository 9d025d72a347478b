/** Mistaken requests for training: each command line with its exit code and the whole of its message. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Graph } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import { save } from '../../src/onnx/save.js';
import { substitute } from '../../src/rewrite/substitute.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { type BackboneShape, backbones } from '../../src/train/backbones/index.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { check, inMistakeFolder, type Row } from './mistake-check.js';
import { gpt } from './mistake-files.js';
import { runScalpel } from './run-scalpel.js';

inMistakeFolder();

/** Rows of a label and `length` values; labels take turns. */
function table(count: number, labels: readonly string[], length = 8): string {
  const noise = random(0, 'series').normals(count * length);
  return Array.from({ length: count }, (_, row) => {
    const values = Array.from({ length }, (_, t) =>
      (Math.sin(t * ((row % labels.length) + 1)) + noise[row * length + t]!).toFixed(3),
    );
    return `${[labels[row % labels.length], ...values].join('\t')}\n`;
  }).join('');
}

const net = (shape: Partial<BackboneShape> = {}): Graph =>
  backbones.fcn.build({ channels: 1, length: 8, classes: 2, width: 2, ...shape }, 0);

const saveWith = (path: string, metadata: Record<string, string>): Promise<void> =>
  save({ graph: net(), irVersion: 8, producer: 'test', metadata: new Map(Object.entries(metadata)) }, path);

/** For batches of four series alone. */
function fixedGraph(): Graph {
  const graph = net();
  const [input] = graph.inputs;
  const four = typed(input!.name, [4, 1, 8]);
  return { ...substitute(graph, (value) => (value === input ? four : value)), inputs: [four] };
}

const pictureGraph = (): Graph => {
  const [x, y] = [typed('x', ['batch', 1, 4, 4]), typed('y', ['batch', 16])];
  return graphOf({ inputs: [x], outputs: [y], nodes: [node('Flatten', [x], [y])] });
};

beforeAll(async () => {
  writeFileSync('good.tsv', table(20, ['0', '1']));
  writeFileSync('test.tsv', table(10, ['0', '1']));
  writeFileSync('one.tsv', table(10, ['0']));
  writeFileSync('two.tsv', table(2, ['0', '1']));
  writeFileSync('three.tsv', table(21, ['0', '1', '2']));
  writeFileSync('long.tsv', table(10, ['0', '1'], 12));
  writeFileSync('nobody.tsv', table(10, ['?']));
  writeFileSync('hole.tsv', `${table(4, ['0', '1'])}1\t1\t2\tNaN\t4\t5\t6\t7\t8\n`);
  writeFileSync('empty.tsv', '');
  const wide = new Map([
    ['x', float32([6, 3, 8], new Float32Array(144).fill(1))],
    ['labels', float32([6], Float32Array.of(0, 1, 0, 1, 0, 1))],
  ]);
  writeFileSync('wide.npz', encodeNpz(wide));
  writeFileSync(
    'hole.npz',
    encodeNpz(new Map([...wide, ['x', float32([6, 3, 8], new Float32Array(144).fill(Number.NaN))]])),
  );
  writeFileSync('fewer.npz', encodeNpz(new Map([...wide, ['labels', float32([5], Float32Array.of(0, 1, 0, 1, 0))]])));
  writeFileSync('net8.onnx', encode(net()));
  writeFileSync('net3.onnx', encode(net({ classes: 3 })));
  writeFileSync('wide.onnx', encode(net({ channels: 3 })));
  writeFileSync('short.onnx', encode(net({ length: 4 })));
  writeFileSync('fixed.onnx', encode(fixedGraph()));
  writeFileSync('picture.onnx', encode(pictureGraph()));
  await saveWith('torn.onnx', { classes: 'a,b' });
  await saveWith('named.onnx', { classes: '["a","b"]' });
  await saveWith('many.onnx', { classes: '["0","1","2"]' });
  await saveWith('scaled.onnx', { standardise: '{"kind":"z","over":"each"}' });
  mkdirSync('done');
  writeFileSync('done/report.html', 'mine');
  mkdirSync('data');
  writeFileSync('data/model.onnx', encode(net()));
  writeFileSync('data/report.json', table(20, ['0', '1']));
});

const base = '-o out --provider cpu --quiet --algorithm supervised --width 2 --steps 2 --every 1';
const train = (rest: string, data = 'good.tsv'): string => `train --data ${data} ${base} ${rest}`.trim();
const further = (rest: string, data = 'good.tsv'): string =>
  `train --data ${data} -o out --provider cpu --quiet --algorithm supervised --steps 2 ${rest}`;
const semi = (rest: string, data = 'good.tsv'): string =>
  `train --data ${data} -o out --provider cpu --quiet --width 2 --steps 2 --every 1 ${rest}`.trim();

const augmentations = 'mag-warp, time-warp, time-noise, mag-noise, mag-scale, cut-out, random-crop';
const isNoView = (got: string, meant = ''): string =>
  `train: --augment expected none, N,M (RandAugment) or NAME:MAGNITUDE with a name among ${augmentations} and a magnitude in [0, 1], got '${got}'${meant && `; did you mean ${meant}?`}`;

describe('words', () => {
  test.each<Row>([
    ['train -o out', 2, 'train: expected --data, got nothing; see scalpel train --help'],
    ['train --data good.tsv', 2, 'train: expected --output, got nothing; name a folder, or add --dry-run'],
    [
      'train --data good.tsv -o out good.tsv',
      2,
      "train: expected options alone, got 'good.tsv'; options are spelled with --",
    ],
    [
      semi('--algorithm mixmach'),
      2,
      "train: --algorithm expected supervised, fully-labelled, pseudo-label, pi-model, mean-teacher, vat, mixmatch, fixmatch, ladder or self-supervised, got 'mixmach'; did you mean mixmatch?",
    ],
    [
      train('--backbone resnets'),
      2,
      "train: --backbone expected fcn, resnet, inception-time, cnn-lstm or transformer, got 'resnets'; did you mean resnet?",
    ],
    [
      train('--baseline forest'),
      2,
      "train: --baseline expected one of random-forest, logistic-regression, rocket, label-propagation, label-spreading, got 'forest'",
    ],
    [train('--set alpha=1'), 2, "train: --set expected nothing, as supervised has no options, got 'alpha'"],
    [
      semi('--set wieght=1'),
      2,
      /^train: --set expected an option of mixmatch \(alpha, .*\), got 'wieght'; did you mean weight\?$/,
    ],
    [semi('--set vat.radius=1'), 2, "train: --set expected a name among mixmatch, got 'vat'; name it with --algorithm"],
    [semi('--labels 4 --set alpha=x'), 2, "mixmatch: alpha: expected a number in [0.01, 100], got 'x'"],
    [train('--set alpha'), 2, "train: --set expected OPTION=VALUE, got 'alpha'"],
    [train('--labels 0'), 2, "train: --labels expected numbers from 1 on, or all, got '0'"],
    [train('--labels 2.5'), 2, "train: --labels expected numbers from 1 on, or all, got '2.5'"],
    [train('--labels 4,4'), 2, 'train: --labels expected each once, got 4 twice'],
    [train('--seeds 0'), 2, "train: --seeds expected a number of seeds from 1 on, got 0; the seed 0 alone is '0,'"],
    [train('--seeds few'), 2, "train: --seeds expected a number of seeds, or seeds with commas between, got 'few'"],
    [train('--seeds 1,1'), 2, 'train: --seeds expected each once, got 1 twice'],
    [train('--augment mag-nois:0.1'), 2, isNoView('mag-nois:0.1', 'mag-noise')],
    [train('--augment mag-noise'), 2, isNoView('mag-noise', 'mag-noise:0.1')],
    [train('--augment mag-noise:2'), 2, isNoView('mag-noise:2', 'mag-noise:0.1')],
    [train('--augment 8,1'), 2, 'train: --augment expected 1 to 7 augmentations a series, got 8'],
    [train('--augment 3,11'), 2, 'train: --augment expected a strength from 0 to 10, got 11'],
    [
      train('--standardise zz'),
      2,
      "train: --standardise expected none, min-max or z, the last two alone or with :training, :FILE or :NUMBER,NUMBER, got 'zz'",
    ],
    [train('--standardise z:trainin'), 2, 'trainin: no such file; check the path'],
    [train('--dropout 1'), 2, "train: --dropout expected a number in [0, 1), got '1'"],
    [train('--rate 0'), 2, "train: --rate expected a number in [1e-12, 1000], got '0'"],
    [
      train('--schedule cosin'),
      2,
      "train: --schedule expected constant, linear or cosine, got 'cosin'; did you mean cosine?",
    ],
    [train('--optimiser adam'), 2, "train: --optimiser expected adamw or sgd, got 'adam'; did you mean adamw?"],
    [train('--trials 3'), 2, 'train: --trials expected --search, got none; add it'],
    [train('--new-head'), 2, 'train: --new-head expected --model, got none; name one, or leave it out'],
    [further('--model net8.onnx --width 2'), 2, 'train: --width is of fresh networks, got --model; leave one out'],
    [
      further('--model net8.onnx --backbone fcn'),
      2,
      'train: --backbone is of fresh networks, got --model; leave one out',
    ],
  ])('%s', check);
});

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
    [
      semi('--algorithm ladder --dropout 0.1 --labels 4'),
      3,
      'ladder: expected a network without Dropout, as noise takes its place, got one with it; leave it out',
    ],
  ])('%s', check);
});

describe('places', () => {
  const to = (output: string, data = 'good.tsv'): string => train('', data).replace('-o out', `-o ${output}`);

  test.each<Row>([
    [to('done'), 2, 'done/report.html: already exists; add --force to replace it, or choose another --output'],
    [to('good.tsv'), 2, 'good.tsv: expected a folder for --output, got a file; name another'],
    [to('good.tsv/out'), 2, "good.tsv/out: expected a folder, got the file 'good.tsv'; choose another place"],
    [to('new --run new'), 2, "train: --run expected another place than --output, got 'new'; change one"],
    [
      to('data --force', 'data/report.json --kind tsv'),
      2,
      'data/report.json: is a file that the command reads, and is never overwritten; choose another --output',
    ],
    [
      further('--model data/model.onnx').replace('-o out', '-o data --force'),
      2,
      'data/model.onnx: is a file that the command reads, and is never overwritten; choose another --output',
    ],
    [
      further('--model net8.onnx').replace('-o out', '-o net8.onnx'),
      2,
      "train: --output expected a folder other than the model, got 'net8.onnx'; name another",
    ],
    [
      to('new --run theirs'),
      2,
      "theirs: expected a run directory or an empty folder, got one with 'notes.txt'; choose another with --run",
    ],
  ])('%s', check);

  test
    .runIf(process.platform === 'linux')
    .each<Row>([[to('/proc/out'), 2, /^\/proc\/out.*: cannot be written \(.*\); choose another place$/]])('%s', check);
});

test('a run that runs away says what to change', async () => {
  const line = train('--optimiser sgd --rate 1000 --warm-up 0 --weight-decay 10 --augment none').replace(
    '--steps 2',
    '--steps 40',
  );
  await check(
    line,
    2,
    /^train: expected a finite loss, got .* at step \d+; take a lower learning rate, or clip gradients$/,
  );
});
