/** Mistaken requests for training: words and places, each command line with its exit code and the whole of its message. */
import { beforeAll, describe, test } from 'vitest';
import { check, inMistakeFolder, type Row } from './mistake-check.js';
import { further, semi, train, writeTrainingFiles } from './training-files.js';

inMistakeFolder();
beforeAll(writeTrainingFiles);

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
