import { describe, expect, test } from 'vitest';
import { dataOf, type Tensor } from '../../src/tensor/tensor.js';
import { stepFeeds, type TrainingSeries } from '../../src/train/step/feeds.js';
import type { Sizes, Source } from '../../src/train/step/scope.js';
import { augmentations, none, randAugment, single } from '../../src/train/views/index.js';
import { waves } from './small.js';

const shape = { channels: 2, length: 12, classes: 3, masked: true };
const known = waves(9, shape, 1);
/** Of the unlabelled series every other class is known. */
const unlabelled = {
  ...waves(20, shape, 2),
  labels: Int32Array.from({ length: 20 }, (_, row) => (row % 2 ? row % 3 : -1)),
};
const data: TrainingSeries = { labelled: known, unlabelled };
const sizes: Sizes = { labelled: 4, unlabelled: 7, channels: 2, length: 12, classes: 3 };

const view = randAugment(2, 5);
const mild = single(augmentations['mag-noise'], 0.01);
const asked: readonly (readonly [string, readonly number[], Source])[] = [
  ['seen', [4, 2, 12], { kind: 'view', part: 'labelled', view: none, copy: 0 }],
  ['mask', [4, 12], { kind: 'mask', part: 'labelled' }],
  ['classes', [4, 3], { kind: 'classes', part: 'labelled' }],
  ['one', [7, 2, 12], { kind: 'view', part: 'unlabelled', view, copy: 0 }],
  ['other', [7, 2, 12], { kind: 'view', part: 'unlabelled', view, copy: 1 }],
  ['plain', [7, 2, 12], { kind: 'view', part: 'unlabelled', view: none, copy: 0 }],
  ['unlabelled mask', [7, 12], { kind: 'mask', part: 'unlabelled' }],
  ['truth', [7, 3], { kind: 'classes', part: 'unlabelled' }],
  ['drawn', [5], { kind: 'draw', name: 'drawn', shape: [5], draw: (random) => random.normals(5) }],
  ['ramp', [], { kind: 'draw', name: 'ramp', shape: [], draw: (_, step, steps) => Float32Array.of(step / steps) }],
];
const sources = new Map(
  asked.map(([name, size, source]) => [{ name, type: { dtype: 'float32' as const, shape: size } }, source]),
);

const feedsOf = (seed = 4, series = data) => stepFeeds(sources, series, sizes, { seed, steps: 50 });
const numbers = (batch: ReadonlyMap<string, Tensor>) =>
  Object.fromEntries([...batch].map(([name, t]) => [name, Array.from(dataOf(t), Number)]));

/** Which row each series of a batch is, by its first number, which is no other's. */
const rowsIn = (
  values: readonly number[],
  { values: from, count }: { values: Float32Array; count: number },
  size = 24,
): number[] =>
  Array.from({ length: values.length / size }, (_, i) =>
    Array.from({ length: count }, (_, row) => row).findIndex((row) => from[row * size] === values[i * size]),
  );

describe('what a step is fed', () => {
  test('is of the shapes that were asked for, and a function of seed and step', () => {
    const at = feedsOf();
    const forth = Array.from({ length: 6 }, (_, step) => at(step));
    for (const [name, size] of asked) expect(forth[0]!.get(name)!.shape).toEqual(size);
    const again = feedsOf();
    for (const step of [5, 0, 3, 3, 1]) expect(numbers(again(step))).toEqual(numbers(forth[step]!));
    const others = numbers(feedsOf(5)(0));
    const [first, second] = forth.map(numbers);
    for (const name of ['seen', 'one', 'other', 'drawn']) {
      expect(others[name]).not.toEqual(first![name]);
      expect(second![name]).not.toEqual(first![name]);
    }
    expect([first!.ramp, second!.ramp]).toEqual([[0], [Math.fround(1 / 50)]]);
  });

  test('has the same series in all views of a part, and other changes in each copy', () => {
    const { one, other, plain } = numbers(feedsOf()(0));
    expect(one).not.toEqual(other);
    expect(one).not.toEqual(plain);
    const distance = (a: readonly number[], b: readonly number[], i: number, j: number): number =>
      Math.hypot(...Array.from({ length: 24 }, (_, at) => a[i * 24 + at]! - b[j * 24 + at]!));
    const nearby = stepFeeds(
      new Map(
        [...sources].map(([value, source]) => [
          value,
          source.kind === 'view' && source.view === view ? { ...source, view: mild } : source,
        ]),
      ),
      data,
      sizes,
      { seed: 4, steps: 50 },
    );
    const { one: a, other: b } = numbers(nearby(0));
    for (let i = 0; i < 7; i++) {
      const distances = Array.from({ length: 7 }, (_, j) => distance(a!, b!, i, j));
      expect(distances.indexOf(Math.min(...distances))).toBe(i);
    }
  });

  test('has classes and masks of its rows', () => {
    for (const step of [0, 1, 9]) {
      const fed = numbers(feedsOf()(step));
      for (const [part, x, mask, classes] of [
        [known, fed.seen!, fed.mask!, fed.classes!],
        [unlabelled, fed.plain!, fed['unlabelled mask']!, fed.truth!],
      ] as const) {
        rowsIn(x, part).forEach((row, i) => {
          expect(row).toBeGreaterThanOrEqual(0);
          expect(x.slice(i * 24, (i + 1) * 24)).toEqual([...part.values.subarray(row * 24, (row + 1) * 24)]);
          expect(mask.slice(i * 12, (i + 1) * 12)).toEqual(
            Array.from({ length: 12 }, (_, at) => (at < part.lengths![row]! ? 1 : 0)),
          );
          expect(classes.slice(i * 3, (i + 1) * 3)).toEqual(
            [0, 1, 2].map((label) => (label === part.labels[row] ? 1 : 0)),
          );
        });
      }
    }
  });

  test('has views that leave what is behind the end alone', () => {
    const { one, 'unlabelled mask': mask } = numbers(feedsOf()(1));
    one!.forEach((value, at) => {
      const [row, step] = [Math.floor(at / 24), at % 12];
      if (mask![row * 12 + step] === 0) expect(value).toBe(0);
    });
  });

  test('can do without unlabelled series, and has whole masks where all are of one length', () => {
    const { lengths: _, ...whole } = known;
    const without = { ...known, count: 0, values: new Float32Array(0), labels: new Int32Array(0) };
    const fed = numbers(feedsOf(0, { labelled: whole, unlabelled: without })(0));
    expect(fed.mask!.every((each) => each === 1)).toBe(true);
    expect(fed.truth!.every((each) => each === 0)).toBe(true);
    expect(fed.plain!.every((each) => each === 0)).toBe(true);
  });
});
