/** Figures of scores at hand, against hand-computed ones. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oneVersusOneAuc } from '../../src/evaluate/auc.js';
import { classification, classificationOf } from '../../src/evaluate/classification.js';
import { passing, rows } from './classifiers.js';

const probabilities = [
  [0.5, 0.3, 0.2],
  [0.2, 0.5, 0.3],
  [0.3, 0.4, 0.3],
  [0.1, 0.2, 0.7],
  [0.4, 0.1, 0.5],
];
const labels = [0, 0, 1, 2, 2];
const logits = probabilities.map((row) => row.map((p) => Math.log(p)));
const flat = Float32Array.from(logits.flat());

describe('classificationOf', () => {
  const figures = classificationOf(flat, Int32Array.from(labels), 3, ['a', 'b', 'c']);

  test('AUC: of pairs of classes 1/2, 7/8 and 1; of each class against the rest 4/6, 3/4 and 1', () => {
    expect(figures.auc?.oneVersusOne).toBeCloseTo((1 / 2 + 7 / 8 + 1) / 3, 12);
    expect(figures.auc?.macro).toBeCloseTo((4 / 6 + 3 / 4 + 1) / 3, 12);
    expect(figures.auc?.weighted).toBeCloseTo((2 * (4 / 6) + 3 / 4 + 2) / 5, 12);
  });

  test('F1: one of five is wrong; classes 2/3, 2/3 and 1', () => {
    expect(figures.top1).toBe(0.8);
    expect(figures.f1.micro).toBeCloseTo(0.8, 12);
    expect(figures.f1.macro).toBeCloseTo((2 / 3 + 2 / 3 + 1) / 3, 12);
    expect(figures.f1.weighted).toBeCloseTo((2 * (2 / 3) + 2 / 3 + 2) / 5, 12);
    expect(figures.confusion).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [0, 0, 2],
    ]);
  });

  test('says what a model that gives these scores is said to do', async () => {
    const named = { ...rows(logits, labels), classes: ['a', 'b', 'c'] };
    expect(figures).toEqual(await classification(passing(3), named));
  });

  test.each<[string, Float32Array, number[], number, string]>([
    [
      'other numbers of scores',
      flat,
      [0, 1],
      3,
      'accuracy: expected logits of at least 1 sample and 2 classes, here 2 x 3, got 15 numbers; give one for each',
    ],
    [
      'no samples',
      new Float32Array(0),
      [],
      3,
      'accuracy: expected logits of at least 1 sample and 2 classes, here 0 x 3, got 0 numbers; give one for each',
    ],
    [
      'series without a label',
      flat,
      [0, 0, -1, 2, 2],
      3,
      "accuracy: expected labels below 3, the model's classes, got -1 for sample 2",
    ],
    [
      'NaN',
      Float32Array.from([0, 1, Number.NaN, 0]),
      [0, 1],
      2,
      'accuracy: expected numbers, got NaN for sample 1; look for NaN or overflow in the data and the model',
    ],
  ])('refuses %s', (_, scores, own, classes, message) => {
    let caught: unknown;
    try {
      classificationOf(scores, Int32Array.from(own), classes);
    } catch (error) {
      caught = error;
    }
    expect((caught as Error).message).toBe(message);
  });
});

test('AUC of one class against another is the mean over ordered pairs of the share of samples in the right order', () => {
  const sample = fc.tuple(
    fc.integer({ min: 0, max: 2 }),
    fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 30 }), (samples) => {
      const of = (c: number) => samples.filter(([label]) => label === c).map(([, scores]) => scores);
      const areas = [0, 1, 2].flatMap((a) =>
        [0, 1, 2].flatMap((b) => {
          const signs = a === b ? [] : of(a).flatMap((own) => of(b).map((other) => Math.sign(own[a]! - other[a]!)));
          return signs.length === 0 ? [] : [signs.reduce((sum, sign) => sum + (1 + sign) / 2, 0) / signs.length];
        }),
      );
      const scores = Float32Array.from(samples.flatMap(([, each]) => each));
      const found = oneVersusOneAuc(
        scores,
        samples.map(([label]) => label),
        3,
      );
      if (areas.length === 0) expect(found).toBeUndefined();
      else expect(found).toBeCloseTo(areas.reduce((sum, area) => sum + area, 0) / areas.length, 12);
    }),
    { numRuns: 200, seed: 6 },
  );
});
