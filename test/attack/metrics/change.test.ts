/** Figures of one change, against the numbers of the specification. */
import { describe, expect, test } from 'vitest';
import { changeOf } from '../../../src/attack/metrics/change.js';
import { clusters } from '../../../src/attack/metrics/clusters.js';
import { boundsOf, type Range } from '../../../src/oracle/bounds.js';
import { spaceOf } from '../../../src/oracle/space.js';

const space = spaceOf([3, 32, 32]);
type Pixel = readonly [y: number, x: number];

/** Moves one channel of the pixels by `by` from the middle of the range. */
function changed(pixels: readonly Pixel[], by = 0.25, range: Range = [0, 1]) {
  const bounds = boundsOf([range], space, 'test');
  const clean = new Float32Array(space.size).fill((range[0] + range[1]) / 2);
  const adversarial = clean.slice();
  for (const [y, x] of pixels) adversarial[space.positions + y * 32 + x]! += by;
  return changeOf(adversarial, clean, bounds, space);
}

const square = (side: number): Pixel[] =>
  Array.from({ length: side * side }, (_, i) => [10 + Math.floor(i / side), 10 + (i % side)]);

describe('change', () => {
  test.each([
    ['one pixel inside', [[15, 15]], 64, 1],
    ['a corner', [[0, 0]], 1, 1],
    ['a square of 8 x 8', square(8), 225, 1],
    [
      'two pixels that touch at a corner',
      [
        [15, 15],
        [16, 16],
      ],
      79,
      2,
    ],
    [
      'two that touch at an edge',
      [
        [15, 15],
        [15, 16],
      ],
      72,
      1,
    ],
    ['nothing', [], 0, 0],
  ] as [string, Pixel[], number, number][])('of %s', (_, pixels, d20, count) => {
    expect(changed(pixels)).toMatchObject({ d20, clusters: count, positions: pixels.length, elements: pixels.length });
  });

  test('counts clusters along the diagonal when asked', () => {
    const mask = new Uint8Array(space.positions);
    mask[0] = mask[33] = 1;
    expect([clusters(mask, space), clusters(mask, space, 8)]).toEqual([2, 1]);
  });

  test('measures on the scale where bounds are 0 and 1', () => {
    const { l1, l2, linf } = changed(
      [
        [3, 3],
        [3, 4],
      ],
      1,
      [-2, 2],
    );
    expect([l1, l2, linf]).toEqual([0.5, Math.sqrt(0.125), 0.25]);
  });

  test('has norms of elements, counts of positions', () => {
    const bounds = boundsOf([[0, 1]], space, 'test');
    const adversarial = new Float32Array(space.size);
    for (let c = 0; c < 3; c++) adversarial[c * space.positions + 5] = 0.5;
    expect(changeOf(adversarial, new Float32Array(space.size), bounds, space)).toMatchObject({
      positions: 1,
      elements: 3,
      l1: 1.5,
      l2: Math.sqrt(0.75),
      linf: 0.5,
    });
  });

  test('tells what eight bits do not apart', () => {
    const small = changed([[15, 15]], 0.4 / 255);
    expect(small).toMatchObject({ positions: 1, elements: 1, clusters: 1, d20: 64 });
    expect(small).toMatchObject({ coarsePositions: 0, coarseElements: 0, coarseClusters: 0, coarseD20: 0 });
    expect(changed([[15, 15]], 0.6 / 255)).toMatchObject({ coarsePositions: 1, coarseD20: 64 });
  });

  test('ignores elements that cannot move', () => {
    const row = spaceOf([2]);
    const bounds = boundsOf(
      [
        [0, 1],
        [3, 3],
      ],
      row,
      'test',
    );
    expect(changeOf(Float32Array.of(1, 3), Float32Array.of(0, 3), bounds, row)).toMatchObject({ elements: 1, l2: 1 });
  });
});
