import { describe, expect, test } from 'vitest';
import { components } from '../../src/attack/components.js';
import { labOf } from '../../src/attack/lab.js';
import { mergeSmall } from '../../src/attack/merge-small.js';
import { slic } from '../../src/attack/slic.js';
import { random } from '../../src/tensor/random.js';

/** What holds of all superpixels: numbered without gaps by first pixel, connected, none tiny. Gives their number. */
function checked(labels: Int32Array, height: number, width: number, least: number): number {
  const count = Math.max(...labels) + 1;
  expect(labels.length).toBe(height * width);
  expect([...new Set(labels)]).toEqual(Array.from({ length: count }, (_, k) => k));
  expect(
    components(
      labels.map((label) => label + 1),
      { height, width },
    ).count,
  ).toBe(count);
  const sizes = new Int32Array(count);
  for (const label of labels) sizes[label]!++;
  if (count > 1) expect(Math.min(...sizes)).toBeGreaterThanOrEqual(least);
  return count;
}

const noise = (n: number): Float32Array => random(7, 'slic').uniforms(n);

describe('slic', () => {
  test.each([
    [3, 32, 32, 16],
    [3, 40, 60, 50],
    [1, 28, 28, 20],
    [6, 17, 31, 12],
    [1, 1, 200, 10],
    [9, 1, 128, 16],
    [1, 50, 1, 5],
    [3, 3, 500, 40],
  ])('of %i channels, %i x %i, in about %i segments', (channels, height, width, segments) => {
    for (const smooth of [true, false]) {
      const wave = (i: number): number =>
        0.5 + 0.2 * Math.sin((i % width) / 9) + 0.2 * Math.cos(Math.floor(i / width) / 8);
      const image = noise(channels * height * width).map((value, i) => (smooth ? wave(i) : value));
      const labels = slic(image, { height, width }, { segments });
      const count = checked(labels, height, width, Math.floor((height * width) / segments / 4 / 1.5));
      expect(count).toBeGreaterThanOrEqual(segments / 3);
      expect(count).toBeLessThanOrEqual((smooth ? 2 : 4) * segments);
      expect(slic(image, { height, width }, { segments })).toEqual(labels);
    }
  });

  test('follows edges', () => {
    const grid = { height: 20, width: 30 };
    const inside = (i: number): boolean => (i % 30) + Math.floor(i / 30) / 2 > 17;
    for (const channels of [1, 3]) {
      const image = Float32Array.from({ length: channels * 600 }, (_, i) => (inside(i % 600) ? 0.9 : 0.2));
      const labels = slic(image, grid, { segments: 12 });
      const sides = Array.from({ length: Math.max(...labels) + 1 }, () => new Set<boolean>());
      for (const [i, label] of labels.entries()) sides[label]!.add(inside(i));
      expect(sides.filter((side) => side.size > 1)).toEqual([]);
    }
  });

  test('is a grid where nothing differs, and where compactness outweighs colour', () => {
    const tiles = Int32Array.from({ length: 144 }, (_, i) => Math.floor(i / 48) * 3 + Math.floor((i % 12) / 4));
    const grid = { height: 12, width: 12 };
    expect(slic(new Float32Array(144).fill(0.5), grid, { segments: 9 })).toEqual(tiles);
    expect(slic(noise(144), grid, { segments: 9, compactness: 1e6 })).toEqual(tiles);
    const halves = Int32Array.from({ length: 10 }, (_, i) => Math.floor(i / 5));
    expect(slic(new Float32Array(10), { height: 1, width: 10 }, { segments: 2 })).toEqual(halves);
  });

  test('cuts a series where it steps', () => {
    const series = Float32Array.from({ length: 40 }, (_, i) => (i < 13 ? 0.1 : i < 29 ? 0.8 : 0.4));
    const labels = slic(series, { height: 1, width: 40 }, { segments: 4 });
    for (const step of [13, 29]) expect(labels[step]).not.toBe(labels[step - 1]);
  });

  test.each([
    [1, 1],
    [1000, 24],
  ])('of %i segments gives %i of 24 pixels', (segments, count) => {
    expect(new Set(slic(noise(72), { height: 4, width: 6 }, { segments })).size).toBe(count);
  });
});

test('mergeSmall gives what is small to the neighbour with the longest border', () => {
  const labels = Int32Array.of(0, 0, 1, 1, 0, 2, 1, 1, 0, 0, 0, 1, 3, 0, 1, 1);
  const merged = Int32Array.of(0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1);
  expect(mergeSmall(labels, { height: 4, width: 4 }, 3)).toEqual(merged);
  expect(mergeSmall(labels, { height: 4, width: 4 }, 17)).toEqual(new Int32Array(16));
  expect(mergeSmall(Int32Array.of(5, 2, 5), { height: 1, width: 3 }, 1)).toEqual(Int32Array.of(0, 1, 2));
});

test.each([
  ['black', [0, 0, 0], [0, 0, 0]],
  ['white', [1, 1, 1], [100, 0, 0]],
  ['red', [1, 0, 0], [53.24, 80.09, 67.2]],
  ['green', [0, 1, 0], [87.73, -86.18, 83.18]],
  ['blue', [0, 0, 1], [32.3, 79.19, -107.86]],
  ['dark grey', [0.02, 0.02, 0.02], [1.4, 0, 0]],
])('%s in CIELAB', (_, rgb, lab) => {
  for (const [i, value] of labOf(Float32Array.from(rgb)).entries()) expect(value).toBeCloseTo(lab[i]!, 1);
});
