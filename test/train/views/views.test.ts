import { describe, expect, test } from 'vitest';
import { rowsOf, type Series } from '../../../src/data/series.js';
import { random } from '../../../src/tensor/random.js';
import {
  type Augmentation,
  augmentations,
  drawsAt,
  randAugment,
  single,
  type View,
  views,
} from '../../../src/train/views/index.js';

const [count, channels, length] = [12, 2, 30];
const lengths = Int32Array.from({ length: count }, (_, row) => (row === 3 ? 0 : row % 2 === 0 ? length : 5 + row));
const values = random(1, 'series').normals(count * channels * length);
for (let i = 0; i < values.length; i++) {
  if (i % length >= lengths[Math.floor(i / (channels * length))]!) values[i] = 0;
}
const series: Series = { count, channels, length, values, lengths };
const draws = (step: number) => drawsAt(random(2, 'view'), step);

const all: readonly View[] = [...Object.values(views), ...Object.values(augmentations).map((one) => single(one, 0.5))];

describe.each(all.map((view) => [view.name, view] as const))('the view %s', (name, view) => {
  test('is a new array with zeros after the valid steps', () => {
    const before = values.slice();
    const seen = view.of(series, draws(0));
    expect(seen).toHaveLength(values.length);
    expect(seen).not.toBe(values);
    expect(values).toEqual(before);
    const behind = seen.filter((_, i) => i % length >= lengths[Math.floor(i / (channels * length))]!);
    expect(behind).toEqual(new Float32Array(behind.length));
    if (name !== 'none') expect(seen).not.toEqual(values);
  });

  test('is a function of seed, step and row', () => {
    const backwards = [2, 1, 0].map((step) => view.of(series, draws(step))).reverse();
    expect([0, 1, 2].map((step) => view.of(series, draws(step)))).toEqual(backwards);
    const rows = [7, 4, 9];
    const some = view.of(rowsOf(series, rows), (row) => draws(1)(rows[row]!));
    expect(some).toEqual(rowsOf({ ...series, values: backwards[1]! }, rows).values);
    if (name !== 'none') expect(backwards[0]).not.toEqual(backwards[1]);
  });
});

test('none shows series as they are, and so does a magnitude of 0', () => {
  for (const view of [views.none, single(augmentations['cut-out'], 0), randAugment(3, 0)]) {
    expect(view.of(series, draws(0))).toEqual(values);
  }
});

test('series without lengths are valid to their ends', () => {
  const whole = { count: 1, channels: 1, length: 4, values: new Float32Array(4) };
  expect([...views.weak.of(whole, draws(0))].every((value) => value !== 0 && Math.abs(value) < 0.2)).toBe(true);
});

test('rows of all steps have numbers of their own', () => {
  const equal: Series = { count: 8, channels: 1, length: 10, values: new Float32Array(80) };
  expect(new Set([5, 6, 7].flatMap((step) => [...views.weak.of(equal, draws(step))])).size).toBe(240);
});

describe('weak and strong', () => {
  test('are noise of 0.02 and two operations at magnitude 1', () => {
    expect(views.weak.of(series, draws(3))).toEqual(single(augmentations['mag-noise'], 0.02).of(series, draws(3)));
    expect(views.strong.of(series, draws(3))).toEqual(randAugment(2, 10).of(series, draws(3)));
  });
});

describe('randAugment', () => {
  /** Operations that write down that they were applied to a row. */
  function recorded(n: number, m: number, rows: number): { names: string[]; magnitudes: number[] }[] {
    const log: { names: string[]; magnitudes: number[] }[] = [];
    const among = Object.keys(augmentations).map(
      (name): Augmentation => ({
        name,
        apply(x, _shape, magnitude) {
          const entry = (log[x[0]!] ??= { names: [], magnitudes: [] });
          entry.names.push(name);
          entry.magnitudes.push(magnitude);
        },
      }),
    );
    const numbered = {
      count: rows,
      channels: 1,
      length: 1,
      values: Float32Array.from({ length: rows }, (_, row) => row),
    };
    randAugment(n, m, among).of(numbered, draws(0));
    return log;
  }

  test.each([1, 2, 3, 6, 7])('puts each row through %d different operations', (n) => {
    const rows = recorded(n, 3, 200);
    expect(rows).toHaveLength(200);
    for (const { names, magnitudes } of rows) {
      expect(names).toHaveLength(n);
      expect(new Set(names).size).toBe(n);
      expect(magnitudes).toEqual(new Array(n).fill(0.3));
    }
  });

  test('takes every operation as often, in every place', () => {
    const rows = recorded(3, 1, 3500);
    for (const place of [0, 1, 2]) {
      for (const name of Object.keys(augmentations)) {
        const times = rows.filter(({ names }) => names[place] === name).length;
        expect(Math.abs(times - 500)).toBeLessThan(5 * Math.sqrt((3500 * 6) / 49));
      }
    }
  });

  test.each([
    [0, 1, 'randAugment: expected 1 to 7 augmentations a series, got 0'],
    [8, 1, 'randAugment: expected 1 to 7 augmentations a series, got 8'],
    [1.5, 1, 'randAugment: expected 1 to 7 augmentations a series, got 1.5'],
    [2, 11, 'randAugment: expected a strength from 0 to 10, got 11'],
    [2, Number.NaN, 'randAugment: expected a strength from 0 to 10, got NaN'],
  ])('refuses %d operations of strength %d', (n, m, message) => {
    expect(() => randAugment(n, m)).toThrow(message);
  });
});
