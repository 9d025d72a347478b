import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '../../../src/tensor/random.js';
import { type Sequence, sequence } from '../../../src/tensor/sequence.js';
import { type Augmentation, augmentations } from '../../../src/train/views/index.js';

const names = Object.keys(augmentations) as (keyof typeof augmentations)[];

/** A single channel, all of it valid, after the change. */
function changed(augmentation: Augmentation, x: ArrayLike<number>, magnitude: number, draw: Sequence): number[] {
  const result = Float32Array.from(x);
  augmentation.apply(result, { channels: 1, length: x.length, valid: x.length }, magnitude, draw);
  return [...result];
}

const drawOf = (index: number) => sequence(random(8, 'augmentations'), index);

/** A sequence whose normal numbers are these, over and over. */
function withNormals(numbers: readonly number[]): Sequence {
  return { ...drawOf(0), normals: (length) => Float32Array.from({ length }, (_, i) => numbers[i % numbers.length]!) };
}

const cases = fc.record({
  channels: fc.integer({ min: 1, max: 3 }),
  valid: fc.integer({ min: 1, max: 40 }),
  rest: fc.integer({ min: 0, max: 5 }),
  magnitude: fc.double({ min: 0.01, max: 1, noNaN: true }),
  seed: fc.nat(),
});

describe.each(names)('%s', (name) => {
  const augmentation: Augmentation = augmentations[name];

  test('is named as in the catalogue', () => {
    expect(augmentation.name).toBe(name);
  });

  test('changes equal channels alike, leaves what follows the valid steps, and is a function of its numbers', () => {
    fc.assert(
      fc.property(cases, ({ channels, valid, rest, magnitude, seed }) => {
        const length = valid + rest;
        const channel = [...random(seed, 'x').normals(valid), ...new Array<number>(rest).fill(9)];
        const apply = (copies: number) => {
          const x = Float32Array.from({ length: copies * length }, (_, i) => channel[i % length]!);
          augmentation.apply(x, { channels: copies, length, valid }, magnitude, sequence(random(seed, 'draw'), 1));
          return [...x];
        };
        const alone = apply(1);
        expect(apply(channels)).toEqual(new Array(channels).fill(alone).flat());
        expect(alone.slice(valid)).toEqual(new Array(rest).fill(9));
        expect(alone.every(Number.isFinite)).toBe(true);
        // what follows the valid steps plays no part
        expect(alone.slice(0, valid)).toEqual(
          changed(augmentation, channel.slice(0, valid), magnitude, sequence(random(seed, 'draw'), 1)),
        );
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  test('changes nearly nothing at a tiny magnitude, and something at a large one', () => {
    const x = random(1, 'x').normals(50);
    let most = 0;
    for (let row = 0; row < 40; row++) {
      const tiny = changed(augmentation, x, 1e-6, drawOf(row));
      for (const [i, value] of tiny.entries()) expect(Math.abs(value - x[i]!)).toBeLessThan(1e-4);
      for (const [i, value] of changed(augmentation, x, 1, drawOf(row)).entries()) {
        most = Math.max(most, Math.abs(value - x[i]!));
      }
    }
    expect(most).toBeGreaterThan(0.3);
  });
});

describe('what follows from the definitions', () => {
  const z10 = [0.5, -1, 0.25, 1.5, -0.75, 0.125, -0.5, 1, -1.25, 2];
  const z12 = [0.5, -1, 0.25, 1.5, -3, 0.125, -0.5, 1, -1.25, 2, 0.75, -0.25];
  const x = [0, 1, 3, 2, -1, -2, 0.5, 4, 2.5, 1, -3, -1];

  // the definitions written with NumPy and scipy's CubicSpline, on these normal numbers
  test.each([
    [
      'mag-warp',
      0.5,
      z10,
      [0, 1.169682, 2.496606, 1.25, -0.630949, -1.557854, 0.479659, 4.25, 2.534613, 0.878672, -2.271864, -0.75],
    ],
    [
      'time-warp',
      0.5,
      z10,
      [0, 1.871243, 3.052339, 1.854944, -0.411166, -2.050913, -0.222888, 4.032632, 2.185125, 0.117422, -3.334559, -1],
    ],
    [
      'time-warp',
      1,
      z10,
      [0, 2.850977, 2.489512, 1.641731, 0.512087, -1.58557, -1.045373, 4.048071, 1.855892, -1.392839, -3.589087, -1],
    ],
    [
      'time-noise',
      0.5,
      z12,
      [0, 0.040665, 2.364748, 1.191864, 1.191864, -1.661222, -1.96356, 2.65747, 3.802748, 1.451841, -3.379252, -1],
    ],
    ['mag-noise', 0.5, z12, [0.25, 0.5, 3.125, 2.75, -2.5, -1.9375, 0.25, 4.5, 1.875, 2, -2.625, -1.125]],
  ] as const)('%s at %d agrees with NumPy and scipy', (name, magnitude, normals, expected) => {
    const found = changed(augmentations[name], x, magnitude, withNormals(normals));
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  test('mag-scale shrinks two thirds by at most half the magnitude and grows the others by at most all of it', () => {
    const scales = Array.from({ length: 3000 }, (_, row) =>
      changed(augmentations['mag-scale'], [1, 2], 0.4, drawOf(row)),
    );
    expect(scales.every(([one, two]) => two === 2 * one!)).toBe(true);
    const factors = scales.map(([one]) => one!);
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(Math.fround(0.8));
    expect(Math.max(...factors)).toBeLessThanOrEqual(Math.fround(1.4));
    const grown = factors.filter((factor) => factor > 1);
    expect(Math.abs(grown.length - 1000)).toBeLessThan(5 * Math.sqrt((3000 * 2) / 9));
    const mean = (numbers: number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    // the mean of |N(0, 1/9)| below 1 is 0.2637
    expect(Math.abs(mean(grown) - (1 + 0.2637 * 0.4))).toBeLessThan(0.01);
    expect(Math.abs(mean(factors.filter((factor) => factor <= 1)) - (1 - 0.2637 * 0.2))).toBeLessThan(0.005);
  });

  const ramp = Float32Array.from({ length: 60 }, (_, i) => i);

  // splines are exact for a ramp, so what comes out are the times
  test.each([
    ['time-warp', 0.1, true],
    ['time-warp', 1, false],
    ['time-noise', 0.1, true],
    ['time-noise', 1, true],
  ] as const)(
    '%s at %d keeps both ends and stays within them (times that never turn back: %s)',
    (name, magnitude, ascends) => {
      for (let row = 0; row < 100; row++) {
        const times = changed(augmentations[name], ramp, magnitude, drawOf(row));
        expect([times[0], times.at(-1)]).toEqual([0, 59]);
        expect(times.every((t) => t >= 0 && t <= 59)).toBe(true);
        if (ascends) expect(times.every((t, i) => i === 0 || t >= times[i - 1]!)).toBe(true);
      }
    },
  );

  test('time that stands still leaves a series as it is', () => {
    expect(changed(augmentations['time-noise'], x, 1, withNormals([-2]))).toEqual(x);
  });

  const windows = (name: 'cut-out' | 'random-crop', magnitude: number) =>
    Array.from({ length: 2000 }, (_, row) => {
      const kept = changed(augmentations[name], new Array(20).fill(1), magnitude, drawOf(row));
      // of zeros in cut-out, of ones in random-crop
      const inside = kept.map((value) => (name === 'cut-out' ? 1 - value : value));
      const [first, last] = [inside.indexOf(1), inside.lastIndexOf(1)];
      return { inside, first, width: first < 0 ? 0 : last - first + 1 };
    });

  test.each(['cut-out', 'random-crop'] as const)('%s works on one window', (name) => {
    for (const { inside, width } of windows(name, 0.7)) {
      expect(inside.every((value) => value === 0 || value === 1)).toBe(true);
      expect(inside.filter((value) => value === 1)).toHaveLength(width);
    }
  });

  test('cut-out takes at most half, from anywhere, also over both ends', () => {
    const found = windows('cut-out', 1);
    expect(new Set(found.map(({ width }) => width))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    // Beta(1, 1) is uniform: a window of w of 20 is as probable as any other, and covers step t from w of its 19 + w starts
    const expected = [1, 2, 3, 4, 5, 6, 7, 8, 9].reduce((sum, w) => sum + w / (19 + w), 0) / 10;
    for (const t of [0, 7, 19]) {
      const share = found.filter(({ inside }) => inside[t] === 1).length / found.length;
      expect(Math.abs(share - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / found.length));
    }
  });

  test('random-crop keeps at least half, where it was', () => {
    const found = windows('random-crop', 1);
    const widths = new Set(found.map(({ width }) => width));
    expect([Math.min(...widths), Math.max(...widths), widths.size]).toEqual([10, 19, 10]);
    const firsts = found.filter(({ width }) => width === 15).map(({ first }) => first);
    expect(new Set(firsts)).toEqual(new Set([0, 1, 2, 3, 4]));
    const kept = changed(augmentations['random-crop'], ramp, 1, drawOf(0));
    expect(kept.every((value, i) => value === 0 || value === i)).toBe(true);
  });

  test('small magnitudes cut and crop seldom', () => {
    const untouched = (name: 'cut-out' | 'random-crop', width: number) =>
      windows(name, 0.1).filter((found) => found.width === width).length / 2000;
    // of Beta(0.1, 0.1) 0.755 are within 0.05 of 0 or 1: then windows are shorter than a step
    expect(untouched('cut-out', 0)).toBeCloseTo(0.755, 1);
    // a crop of 20 steps needs a share of exactly 0 or 1
    expect(untouched('random-crop', 20)).toBeLessThan(0.1);
  });
});
