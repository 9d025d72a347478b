/** Figures of classifiers against definitions, worked examples of scikit-learn's documentation, and files of real ones. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oneVersusRestAuc } from '../../src/evaluate/auc.js';
import { calibrationError } from '../../src/evaluate/calibration-error.js';
import { classification } from '../../src/evaluate/classification.js';
import { passing, rows } from './classifiers.js';

const logs = (probabilities: readonly (readonly number[])[]): number[][] =>
  probabilities.map((row) => row.map((p) => Math.log(p)));
/** Scores that make these classes the predicted ones. */
const predicting = (classes: readonly number[], width: number): number[][] =>
  classes.map((c) => Array.from({ length: width }, (_, i) => Number(i === c)));

describe('F1 and confusion', () => {
  test('scikit-learn, f1_score: macro and weighted 0.26, classes 0.8, 0, 0', async () => {
    const figures = await classification(passing(3), rows(predicting([0, 2, 1, 0, 0, 1], 3), [0, 1, 2, 0, 1, 2]));
    expect(figures.f1.macro).toBeCloseTo(0.8 / 3, 12);
    expect(figures.f1.weighted).toBeCloseTo(0.8 / 3, 12);
    expect(figures.perClass.map(({ f1 }) => f1)).toEqual([0.8, 0, 0]);
  });

  test('scikit-learn, confusion_matrix', async () => {
    const { confusion, perClass } = await classification(
      passing(3),
      rows(predicting([0, 0, 2, 2, 0, 2], 3), [2, 0, 2, 2, 0, 1]),
    );
    expect(confusion).toEqual([
      [2, 0, 0],
      [0, 0, 1],
      [1, 0, 2],
    ]);
    expect(perClass[1]).toMatchObject({ name: '1', support: 1, predicted: 0, recall: 0, f1: 0 });
    expect(perClass[1]).not.toHaveProperty('precision');
  });

  test('classes that neither occur nor are predicted are left out of the mean, and said', async () => {
    const samples = { ...rows(predicting([0, 1], 3), [0, 1]), classes: ['no', 'yes'] };
    const figures = await classification(passing(3), samples);
    expect(figures.f1).toEqual({ macro: 1, weighted: 1, micro: 1 });
    expect(figures.auc).toEqual({ macro: 1, weighted: 1, oneVersusOne: 1 });
    expect(figures.perClass.map(({ name }) => name)).toEqual(['no', 'yes', '2']);
    expect(figures.notes).toEqual([
      "the labels know 2 of the model's 3 classes",
      '1 of 3 classes has no samples: left out of the AUC, and of the F1 unless predicted',
    ]);
  });
});

describe('log loss', () => {
  const spam = [
    [0.1, 0.9],
    [0.9, 0.1],
    [0.8, 0.2],
    [0.35, 0.65],
  ];
  test.each([
    ['a Softmax', ['Softmax'], logs(spam), 'probabilities'],
    ['logits', ['Identity'], logs(spam), 'logits'],
    ['logits with a constant added', ['Identity'], logs(spam).map((row) => row.map((v) => v + 300)), 'logits'],
    ['a Softmax behind ops that change nothing', ['Softmax', 'Identity'], logs(spam), 'probabilities'],
    ['a Sigmoid for each class', ['Sigmoid'], spam.map((row) => row.map((p) => Math.log(p / (1 - p)))), 'independent'],
    ['one logit', ['Identity'], spam.map(([, p]) => [Math.log(p! / (1 - p!))]), 'logits'],
    ['one Sigmoid', ['Sigmoid'], spam.map(([, p]) => [Math.log(p! / (1 - p!))]), 'independent'],
  ])('scikit-learn, log_loss: 0.21616 from %s', async (_, ops, scores, kind) => {
    const figures = await classification(passing(scores[0]!.length, ops), rows(scores, [1, 0, 0, 1]));
    expect(figures.logLoss).toBeCloseTo(0.21616187468057912, 5);
    expect(figures.scores).toBe(kind);
    expect(figures.top1).toBe(1);
  });

  test('is clipped: a class that is ruled out costs 15.9 as a probability, all its logit says as a logit', async () => {
    const sure = rows([[200, 0]], [1]);
    expect((await classification(passing(2, ['Softmax']), sure)).logLoss).toBeCloseTo(23 * Math.LN2, 10);
    expect((await classification(passing(2), sure)).logLoss).toBeCloseTo(200, 10);
    const infinite = rows([[Number.POSITIVE_INFINITY, 0]], [1]);
    expect((await classification(passing(2), infinite)).logLoss).toBeCloseTo(1074 * Math.LN2, 10);
  });
});

describe('AUC', () => {
  test('scikit-learn, roc_auc_score: 0.75', async () => {
    const scores = [0.1, 0.4, 0.35, 0.8].map((p) => [Math.log(p / (1 - p))]);
    expect((await classification(passing(1), rows(scores, [0, 0, 1, 1]))).auc).toEqual({
      macro: 0.75,
      weighted: 0.75,
      oneVersusOne: 0.75,
    });
  });

  test('scores that differ where probabilities round to 1 are told apart', async () => {
    const scores = [40, 50, 60].map((logit) => [0, logit]);
    expect((await classification(passing(2), rows(scores, [0, 1, 1]))).auc?.macro).toBe(1);
  });

  test('is the share of pairs in the right order, ties counting half', () => {
    const cases = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 2 }),
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 }),
      ),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(cases, (samples) => {
        const labels = samples.map(([label]) => label);
        const found = oneVersusRestAuc(Float32Array.from(samples.flatMap(([, scores]) => scores)), labels, 3);
        const areas = [0, 1, 2].map((c) => {
          const pairs = samples.flatMap(([label, own]) =>
            label === c
              ? samples.filter(([other]) => other !== c).map(([, rest]) => Math.sign(own[c]! - rest[c]!))
              : [],
          );
          return pairs.length === 0 ? undefined : pairs.reduce((sum, sign) => sum + (1 + sign) / 2, 0) / pairs.length;
        });
        const known = areas.flatMap((area, c) =>
          area === undefined ? [] : [[area, labels.filter((l) => l === c).length] as const],
        );
        if (known.length === 0) {
          expect(found).toBeUndefined();
          return;
        }
        const weight = known.reduce((sum, [, count]) => sum + count, 0);
        areas.forEach((area, c) => {
          if (area === undefined) expect(found?.perClass[c]).toBeUndefined();
          else expect(found?.perClass[c]).toBeCloseTo(area, 12);
        });
        expect(found?.macro).toBeCloseTo(known.reduce((sum, [area]) => sum + area, 0) / known.length, 12);
        expect(found?.weighted).toBeCloseTo(known.reduce((sum, [area, n]) => sum + area * n, 0) / weight, 12);
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe('expected calibration error', () => {
  test('mean of the gaps between confidence and accuracy of 15 bins, weighted by samples', () => {
    const error = calibrationError();
    // one bin of three samples, two right; one of a single sample, wrong; an upper edge belongs to its bin
    for (const [confidence, isRight] of [
      [0.62, true],
      [0.64, true],
      [0.66, false],
      [14 / 15, false],
    ] as const)
      error.add(confidence, isRight);
    expect(error.figure()).toBeCloseTo((Math.abs(2 - 1.92) + 14 / 15) / 4, 12);
  });

  test('a sure classifier that is always right has none', async () => {
    const figures = await classification(
      passing(2),
      rows(
        [
          [0, 99],
          [99, 0],
        ],
        [1, 0],
      ),
    );
    expect(figures.expectedCalibrationError).toBeCloseTo(0, 12);
  });
});

test('more classes in the labels than in the model are refused by name', async () => {
  const samples = { ...rows([[0, 1]], [1]), classes: ['a', 'b', 'c'] };
  await expect(classification(passing(2), samples)).rejects.toThrow(
    "accuracy: expected labels of at most 2 classes, which the model has, got 3: a, b, c; choose the label's column or other data",
  );
});
