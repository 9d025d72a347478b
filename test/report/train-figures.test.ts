/** Figures of training: means and deviations over seeds, and the words and numbers that tell them. */
import { describe, expect, test } from 'vitest';
import { trainText } from '../../src/cli/train-text.js';
import type { Classification } from '../../src/evaluate/classification.js';
import { movedApart } from '../../src/report/apart.js';
import { airy, logTicks, tickText } from '../../src/report/axes.js';
import { embeddingOf } from '../../src/report/train-embedding.js';
import { budgetsOf, spreadOf, spreadsOf, spreadText, trainFigures } from '../../src/report/train-figures.js';
import type { TrainCell, TrainFigures } from '../../src/report/train-report.js';
import { trainHeadline, trainVerdict } from '../../src/report/train-verdict.js';
import { warningsOf } from '../../src/report/train-warnings.js';
import { trainSample } from './train-sample.js';

const figures = (auc: number, accuracy: number): TrainFigures => ({
  ...{ series: 10, auc: { weighted: auc, macro: auc }, accuracy, logLoss: 1, expectedCalibrationError: 0 },
  f1: { macro: accuracy, micro: accuracy, weighted: accuracy },
});

const cell = (labels: number, seed: number, rest: Partial<TrainCell>): TrainCell => ({
  ...{ labels, seed, status: 'done', steps: 10, stoppedEarly: false, curves: [], warnings: [] },
  ...rest,
});

test.each([
  [[3], { mean: 3, n: 1 }],
  [[1, 3], { mean: 2, deviation: Math.SQRT2, n: 2 }],
  [[2, 4, 4, 4, 5, 5, 7, 9], { mean: 5, deviation: Math.sqrt(32 / 7), n: 8 }],
])('the spread of %j', (values, spread) => {
  expect(spreadOf(values)).toEqual(spread);
});

describe('budgets', () => {
  test('are by number of labels, of trainings that came to an end', () => {
    const budgets = budgetsOf([
      cell(100, 0, { test: figures(0.9, 0.8) }),
      cell(50, 0, { test: figures(0.75, 0.5) }),
      cell(50, 1, { test: figures(0.25, 0.5), validation: { accuracy: 1, logLoss: 0 } }),
      cell(50, 2, { status: 'failed', test: figures(0, 0) }),
    ]);
    expect(budgets.map(({ labels }) => labels)).toEqual([50, 100]);
    expect(budgets[0]!.figures.weightedAuc).toEqual({ mean: 0.5, deviation: Math.sqrt(0.125), n: 2 });
    expect(budgets[0]!.figures.accuracy).toEqual({ mean: 0.5, deviation: 0, n: 2 });
    expect(budgets[1]!.figures.macroF1).toEqual({ mean: 0.8, n: 1 });
  });

  test('without test series are of the validation series, with what is known of them', () => {
    const [budget] = budgetsOf([cell(50, 0, { validation: { accuracy: 0.5, logLoss: 2 } })]);
    expect(budget).toEqual({ labels: 50, figures: { accuracy: { mean: 0.5, n: 1 }, logLoss: { mean: 2, n: 1 } } });
  });

  test('of nothing are none', () => {
    expect(budgetsOf([cell(50, 0, {})])).toEqual([]);
    expect(spreadsOf([])).toEqual([]);
  });
});

test('micro F1 of single labels is the accuracy', () => {
  const measured: Classification = {
    ...{ top1: 0.75, samples: 4, classes: 2, f1: { micro: 0.75, macro: 0.7, weighted: 0.72 }, logLoss: 0.5 },
    ...{ expectedCalibrationError: 0.1, scores: 'logits', perClass: [], notes: [] },
  };
  expect(trainFigures(measured, 4)).toEqual({
    ...{ series: 4, accuracy: 0.75, f1: { macro: 0.7, micro: 0.75, weighted: 0.72 } },
    ...{ logLoss: 0.5, expectedCalibrationError: 0.1 },
  });
});

test.each([
  ['weightedAuc', { mean: 0.91234, deviation: 0.0101, n: 5 }, '0.912 ± 0.010'],
  ['accuracy', { mean: 0.852, deviation: 0.011, n: 5 }, '85.2 ± 1.1 %'],
  ['logLoss', { mean: 1.5, n: 1 }, '1.500'],
  ['macroF1', undefined, '—'],
] as const)('%s is told as it is read', (name, spread, text) => {
  expect(spreadText(name, spread).replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ')).toBe(text);
});

describe('the verdict', () => {
  const sample = trainSample({ labels: [50, 100], seeds: [0, 1], classes: 3, baselines: [] });
  const cells = sample.cells.map((each) => ({ ...each, test: figures(each.labels === 50 ? 0.9 : 0.95, 0.5) }));
  const report = { ...sample, cells, budgets: budgetsOf(cells) };
  const told = (text: string): string => text.replaceAll('\u00a0', ' ');
  const start =
    'mixmatch reaches a weighted AUC of 0.900 ± 0.000 with 50 labels and 0.950 ± 0.000 with 100, over 2 seeds, on 7,200 test series of 3 classes';

  test.each([
    [[], `${start}.`],
    [[['forest', 0.85]], `${start}; with 50 that is 0.050 above forest.`],
    [
      [
        ['forest', 0.85],
        ['ROCKET', 0.925],
      ],
      `${start}; with 50 that is 0.025 below the best of 2 baselines, ROCKET.`,
    ],
    [[['forest', 0.9]], `${start}; with 50 that is as much as forest.`],
  ] as const)('beside %j', (rivals, text) => {
    const baselines = rivals.map(([name, auc]) => ({ name, labels: 50, seed: 0, test: figures(auc, 0.5) }));
    expect(told(trainVerdict({ ...report, baselines }))).toBe(text);
  });

  test('tells what is lost', () => {
    const [first, ...others] = cells;
    const lost = [{ ...first!, status: 'unfinished' as const }, ...others];
    expect(trainVerdict({ ...report, cells: lost })).toMatch(/; 1 of 4 trainings did not come to an end\.$/);
    const none = cells.map((each) => ({ ...each, status: 'failed' as const, reason: 'the loss became NaN' }));
    expect(trainVerdict({ ...report, cells: none, budgets: [] })).toBe(
      'None of 4 trainings by mixmatch came to an end: the loss became NaN.',
    );
  });

  test('has the fewest and the most labels beside it', () => {
    expect(trainHeadline(report).map(({ name, value, detail }) => told([name, value, detail].join(' ')))).toEqual([
      'weighted AUC 0.900 with 50 labels, ± 0.000',
      'weighted AUC 0.950 with 100 labels, ± 0.000',
      'accuracy 50.0\u202f% with 100 labels, ± 0.0\u202f%',
      'macro F1 50.0\u202f% with 100 labels, ± 0.0\u202f%',
      expect.stringContaining('time of a training'),
    ]);
  });

  test('is in the terminal with a table, warnings and files', () => {
    const text = told(trainText({ ...report, warnings: ['few\nlabels'] }, 'out'));
    expect(text.split('\n\n')).toEqual([
      'mixmatch on Crop: 4 trainings; 3 classes; 7,100 series for training, 100 for validation, 7,200 for test',
      [
        'labels  weighted AUC, test      accuracy      macro F1  calibration error  seeds',
        '──────  ──────────────────  ────────────  ────────────  ─────────────────  ─────',
        '    50       0.900 ± 0.000  50.0 ± 0.0 %  50.0 ± 0.0 %        0.0 ± 0.0 %      2',
        '   100       0.950 ± 0.000  50.0 ± 0.0 %  50.0 ± 0.0 %        0.0 ± 0.0 %      2',
      ]
        .join('\n')
        .replaceAll(' %', '\u202f%'),
      `${start}.`,
      'warning: few\\u{a}labels',
      [
        'models  crop/mixmatch-50-seed0.onnx',
        '        crop/mixmatch-50-seed1.onnx',
        '        crop/mixmatch-100-seed0.onnx',
        '        crop/mixmatch-100-seed1.onnx',
        'report  out/report.html',
        '        out/report.json',
      ].join('\n'),
    ]);
  });
});

test('a warning of several trainings is told once', () => {
  const cells = [0, 1, 2, 3].map((seed) => cell(50, seed, { warnings: seed < 3 ? ['a', 'b'] : ['b'] }));
  const all = [...cells, cell(100, 0, { status: 'failed', reason: 'NaN' })];
  expect(warningsOf({ ...trainSample({ labels: [50], seeds: [0] }), cells: all, warnings: ['first'] })).toEqual([
    'first',
    'a (50 labels, seed 0; 50 labels, seed 1; 50 labels, seed 2)',
    'b (4 of 5 trainings)',
    'failed: NaN (100 labels, seed 0)',
  ]);
});

test('points of an embedding carry label, prediction and whether the label was told', () => {
  const plane = { points: Float64Array.of(1, 2, 1 / 3, -4), explained: [0.5, 0.25] as const };
  expect(embeddingOf(plane, [0, 1], [1, 1])).toEqual({
    ...{ explained: [0.5, 0.25] },
    points: [
      [1, 2, 0, 1],
      [0.33333, -4, 1, 1],
    ],
  });
  expect(embeddingOf(plane, [0, 1], [1, 1], [true, false]).points).toEqual([
    [1, 2, 0, 1, true],
    [0.33333, -4, 1, 1, false],
  ]);
});

test('words that would cover each other move apart, others stay', () => {
  const word = (x: number, y: number) => ({ x, y, width: 40 });
  expect(movedApart([word(0, 0), word(100, 0), word(10, 50)], 14)).toEqual([0, 0, 0]);
  expect(movedApart([word(0, 0), word(10, 4)], 14)).toEqual([-5, 5]);
  const crowd = Array.from({ length: 6 }, (_, i) => word(i, i % 2));
  const places = movedApart(crowd, 14).map((move, i) => crowd[i]!.y + move);
  const gaps = places.sort((a, b) => a - b).map((place, i, all) => place - (all[i - 1] ?? place - 14));
  for (const gap of gaps) expect(gap).toBeGreaterThan(13);
});

test.each([
  [1e-5, 1e-3, [1e-5, 1e-4, 1e-3], ['1e−5', '1e−4', '0.001']],
  [0.8, 6, [1, 2, 5], ['1', '2', '5']],
  [1e-6, 10, [1e-6, 1e-4, 1e-2, 1], ['1e−6', '1e−4', '0.01', '1']],
])('ticks between %f and %f', (low, high, ticks, texts) => {
  expect(logTicks(low, high).map((tick) => Number(tick.toPrecision(3)))).toEqual(ticks);
  expect(logTicks(low, high).map(tickText)).toEqual(texts);
});

test.each([
  [[], 0.1, [0, 1], [0, 1]],
  [[0.5], 0.1, [0, 1], [0.45, 0.55]],
  [[0, 1, Number.NaN], 0.1, [0, 1], [0, 1]],
] as const)('the extent of %j has air', (values, least, limits, extent) => {
  const [low, high] = airy(values, least, limits);
  expect(low).toBeCloseTo(extent[0], 12);
  expect(high).toBeCloseTo(extent[1], 12);
});
