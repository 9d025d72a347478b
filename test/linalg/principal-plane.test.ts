/** The plane of the widest spread, against cases whose components are known and against the singular value decomposition. */
import { describe, expect, test } from 'vitest';
import { svd } from '../../src/linalg/jacobi-svd.js';
import { principalPlane } from '../../src/linalg/principal-plane.js';
import { random } from '../../src/tensor/random.js';

const root = Math.SQRT1_2;

const exact: [string, number[][], { points: number[]; explained: [number, number] }][] = [
  [
    'points along the axes, the wider axis first',
    [
      [0, 3],
      [0, -3],
      [1, 0],
      [-1, 0],
    ],
    { points: [3, 0, -3, 0, 0, 1, 0, -1], explained: [0.9, 0.1] },
  ],
  [
    'a line through space has one component',
    [
      [5, 5, 7],
      [6, 6, 7],
      [7, 7, 7],
    ],
    { points: [-2 * root, 0, 0, 0, 2 * root, 0], explained: [1, 0] },
  ],
  ['one feature', [[1], [2], [6]], { points: [-2, 0, -1, 0, 3, 0], explained: [1, 0] }],
  [
    'equal points',
    [
      [2, 4],
      [2, 4],
    ],
    { points: [0, 0, 0, 0], explained: [0, 0] },
  ],
  ['equal points whose mean is rounded', [[0.1], [0.1], [0.1]], { points: [0, 0, 0, 0, 0, 0], explained: [0, 0] }],
  ['a single point', [[2, 4, 8]], { points: [0, 0], explained: [0, 0] }],
  [
    'two points',
    [
      [0, 0, 0],
      [0, 4, 0],
    ],
    { points: [-2, 0, 2, 0], explained: [1, 0] },
  ],
  ['no points', [], { points: [], explained: [0, 0] }],
];

test.each(exact)('%s', (_, rows, { points, explained }) => {
  const plane = principalPlane(Float32Array.from(rows.flat()), rows.length);
  expect(plane.points).toHaveLength(points.length);
  points.forEach((value, i) => {
    expect(plane.points[i]).toBeCloseTo(value, 10);
  });
  expect(plane.explained[0]).toBeCloseTo(explained[0], 10);
  expect(plane.explained[1]).toBeCloseTo(explained[1], 10);
});

describe.each([
  [40, 7],
  [12, 30],
  [200, 128],
])('%i random points of %i features', (count, width) => {
  const noise = random(3, 'points').normals(count * width);
  // directions differ in spread, the first two least of all
  const features = noise.map((value, i) => value * (1 + (i % width) / width) + 10);
  const { points, explained } = principalPlane(features, count);

  test('lie as the singular vectors say', () => {
    const centred = Float64Array.from(features);
    for (let j = 0; j < width; j++) {
      let mean = 0;
      for (let i = 0; i < count; i++) mean += features[i * width + j]! / count;
      for (let i = 0; i < count; i++) centred[i * width + j] = centred[i * width + j]! - mean;
    }
    const { s, u } = svd(centred, count, width);
    const all = s.reduce((sum, value) => sum + value * value, 0);
    for (const k of [0, 1]) {
      expect(explained[k]).toBeCloseTo(s[k]! ** 2 / all, 9);
      const along = Array.from({ length: count }, (_, i) => s[k]! * u[k * count + i]!);
      const sign = Math.sign(along[0]! * points[k]!);
      along.forEach((value, i) => {
        expect(sign * points[2 * i + k]!).toBeCloseTo(value, 3);
      });
    }
  });

  test('are the same again, and the same moved elsewhere', () => {
    expect(principalPlane(features, count)).toEqual({ points, explained });
    const moved = principalPlane(
      features.map((value) => value + 64),
      count,
    );
    moved.points.forEach((value, i) => {
      expect(value).toBeCloseTo(points[i]!, 2);
    });
  });
});

test('a feature that is not a number is told with its row', () => {
  expect(() => principalPlane(Float32Array.of(1, 2, Number.NaN, 3), 2)).toThrow(
    'principalPlane: expected finite features, got NaN in row 1; leave the row out',
  );
});
