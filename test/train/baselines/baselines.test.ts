import { describe, expect, test } from 'vitest';
import type { LabelledSeries } from '../../../src/data/series.js';
import { oneVersusRestAuc } from '../../../src/evaluate/auc.js';
import { random } from '../../../src/tensor/random.js';
import { type BaselineName, baselines } from '../../../src/train/baselines/index.js';

const names = Object.keys(baselines) as BaselineName[];

/** Small enough to be quick. */
const settings: Partial<Record<BaselineName, Record<string, number>>> = {
  'random-forest': { trees: 60 },
  rocket: { kernels: 200 },
  'label-propagation': { neighbours: 4 },
  'label-spreading': { neighbours: 4 },
};

/** Waves of three shapes with some noise, at unequal lengths where asked for; class 1 of four is nowhere. */
function waves(count: number, seed: number, isUnequal = false): LabelledSeries {
  const length = 32;
  const draw = random(seed, 'waves');
  const labels = Int32Array.from({ length: count }, (_, i) => [0, 2, 3][i % 3]!);
  const values = new Float32Array(count * length);
  const lengths = Int32Array.from({ length: count }, (_, i) => (isUnequal ? length - (i % 9) : length));
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < lengths[row]!; i++) {
      const turn = (2 * Math.PI * i) / length;
      const shape = [Math.sin(turn), 0, Math.sin(5 * turn), i > 16 ? 2 : -1][labels[row]!]!;
      values[row * length + i] = shape + 0.3 * draw.normal(row * length + i);
    }
  }
  return { count, channels: 1, length, values, labels, ...(isUnequal && { lengths }) };
}

describe.each(names)('%s', (name) => {
  const { fit: fitTo } = baselines[name];
  const context = { seed: 3, threads: 1, settings: settings[name] ?? {}, unlabelled: waves(60, 8) };

  test.each([false, true])(
    'tells waves apart and has a column for each class, unequal lengths: %s',
    async (unequal) => {
      const fitted = await fitTo(waves(18, 1, unequal), 4, { ...context, unlabelled: waves(60, 8, unequal) });
      const test = waves(90, 2, unequal);
      const scores = await fitted.scores(test);
      expect(scores).toHaveLength(90 * 4);
      expect(scores.every(Number.isFinite)).toBe(true);
      expect(oneVersusRestAuc(scores, test.labels, 4)!.weighted).toBeGreaterThan(0.95);
      for (let row = 0; row < 90; row++) {
        const shares = Array.from(scores.subarray(row * 4, (row + 1) * 4), Math.exp);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
      }
    },
  );

  test('is the same for the same seed', async () => {
    const test = waves(9, 2);
    const first = await (await fitTo(waves(18, 1), 4, context)).scores(test);
    expect(await (await fitTo(waves(18, 1), 4, context)).scores(test)).toEqual(first);
  });

  test('takes a single series, and none to score', async () => {
    const fitted = await fitTo(waves(1, 1), 2, { seed: 1, settings: settings[name] ?? {} });
    expect(await fitted.scores(waves(0, 1))).toHaveLength(0);
    const scores = await fitted.scores(waves(4, 2));
    expect(scores.every(Number.isFinite)).toBe(true);
    // the one class that it has seen is never the less likely one
    for (let row = 0; row < 4; row++) expect(scores[2 * row]).toBeGreaterThanOrEqual(scores[2 * row + 1]!);
  });

  test('says what it is', () => {
    const { description, paper } = baselines[name];
    expect(baselines[name].name).toBe(name);
    expect(description).not.toBe('');
    expect(paper).toMatch(/\d{4}/);
  });

  const broken = { ...waves(3, 1), values: waves(3, 1).values.with(40, Number.NaN) };
  test.each([
    [waves(0, 1), 4, {}, 'expected labelled series, got none; label at least one'],
    [waves(3, 1), 3, {}, 'expected labels from 0 to 2, got 3; number the classes from 0 on'],
    [
      { ...waves(3, 1), labels: Int32Array.of(1) },
      4,
      {},
      'expected a label for each series, got 1 for 3; pass as many',
    ],
    [broken, 4, {}, 'expected finite values, got NaN in series 1; fill in or leave out what is missing'],
    [
      waves(3, 1),
      4,
      { unlabelled: { count: 1, channels: 2, length: 32, values: new Float32Array(64) } },
      'expected series of [1, 32], got [2, 32]; bring all to one shape',
    ],
  ])('refuses what it cannot fit (%#)', async (series, classes, more, message) => {
    await expect(fitTo(series, classes, { seed: 1, ...more })).rejects.toThrow(`${name}: ${message}`);
  });

  test('refuses an option that it does not have', async () => {
    await expect(fitTo(waves(3, 1), 4, { seed: 1, settings: { tree: 3 } })).rejects.toThrow(
      `${name}: expected an option among`,
    );
  });
});

test.each(['label-propagation', 'label-spreading'] as const)(
  '%s needs unlabelled series where labels are few',
  async (name) => {
    const labelled = { ...waves(3, 4) };
    const test = waves(90, 2);
    const areas: number[] = [];
    for (const unlabelled of [undefined, waves(150, 8)]) {
      const context = { seed: 1, settings: { neighbours: 3 }, ...(unlabelled && { unlabelled }) };
      const fitted = await baselines[name].fit(labelled, 4, context);
      areas.push(oneVersusRestAuc(await fitted.scores(test), test.labels, 4)!.weighted);
    }
    expect(areas[1]).toBeGreaterThan(0.95);
    expect(areas[1]).toBeGreaterThan(areas[0]!);
  },
);
