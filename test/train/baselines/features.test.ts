import { describe, expect, test } from 'vitest';
import { random } from '../../../src/tensor/random.js';
import { type FeatureName, featureCount, features, featuresOf } from '../../../src/train/baselines/features.js';
import { sampleEntropy } from '../../../src/train/baselines/sample-entropy.js';
import { summaryOf } from '../../../src/train/baselines/summary.js';

const names = Object.keys(features) as FeatureName[];

/** Worked out by hand, for [1, 3, 2, 3, 0, 1] and for [1, 2, 1, 2, 1, 2, 3]. */
const byHand: Record<FeatureName, readonly [number, number]> = {
  abs_energy: [24, 24],
  absolute_sum_of_changes: [8, 6],
  count_above_mean: [3, 4],
  count_below_mean: [3, 3],
  first_location_of_maximum: [1 / 6, 6 / 7],
  first_location_of_minimum: [4 / 6, 0],
  has_duplicate: [1, 1],
  has_duplicate_max: [1, 0],
  has_duplicate_min: [0, 1],
  kurtosis: [-375 / 242, -0.35],
  last_location_of_maximum: [4 / 6, 1],
  last_location_of_minimum: [5 / 6, 5 / 7],
  length: [6, 7],
  longest_strike_above_mean: [3, 2],
  longest_strike_below_mean: [2, 1],
  maximum: [3, 3],
  minimum: [0, 1],
  mean: [5 / 3, 12 / 7],
  mean_abs_change: [8 / 5, 1],
  mean_change: [0, 1 / 3],
  mean_second_derivative_central: [-1 / 8, 0],
  median: [1.5, 2],
  // no two windows of the first are alike; in the second 4 pairs of two steps, of which 2 go on
  sample_entropy: [Math.log(6), Math.log(2)],
  skewness: [-Math.sqrt(30) / (22 * Math.sqrt(11)), 0.45 * Math.sqrt(1.75)],
  standard_deviation: [Math.sqrt(11) / 3, Math.sqrt(24) / 7],
  sum_of_reoccurring_data_points: [8, 9],
  sum_of_reoccurring_values: [4, 3],
  sum_values: [10, 12],
  variance: [11 / 9, 24 / 49],
  variance_larger_than_standard_deviation: [1, 0],
};

test.each(names)('%s is as worked out by hand', (name) => {
  const series = [
    [1, 3, 2, 3, 0, 1],
    [1, 2, 1, 2, 1, 2, 3],
  ];
  series.forEach((values, i) => {
    expect(features[name](summaryOf(Float64Array.from(values)))).toBeCloseTo(byHand[name][i]!, 12);
  });
});

test('there are thirty of them', () => {
  expect(names).toHaveLength(30);
  expect(featureCount(3)).toBe(90);
});

describe('where tsfresh has no number', () => {
  test.each([
    [[5], 'sample_entropy', 0],
    [[5], 'skewness', 0],
    [[5], 'mean_change', 0],
    [[5], 'mean_abs_change', 0],
    [[1, 2], 'mean_second_derivative_central', 0],
    [[1, 4], 'skewness', 0],
    [[1, 4, 2], 'kurtosis', 0],
    [[2, 2, 2, 2], 'skewness', 0],
    [[2, 2, 2, 2], 'kurtosis', 0],
    // all 3 pairs of two steps and the one of three: as tsfresh has it
    [[2, 2, 2, 2], 'sample_entropy', Math.log(3)],
  ] as const)('%j: %s is %d', (values, name, expected) => {
    expect(features[name](summaryOf(Float64Array.from(values)))).toBeCloseTo(expected, 12);
  });

  test('all are finite for series of any length', () => {
    const values = new Float32Array(8 * 8);
    for (let row = 0; row < 8; row++) values.set(random(row, 'series').normals(row), row * 8);
    const lengths = Int32Array.from({ length: 8 }, (_, row) => row);
    const table = featuresOf({ count: 8, channels: 1, length: 8, values, lengths });
    expect(table.every(Number.isFinite)).toBe(true);
    expect(table.subarray(0, 30).every((value) => value === 0)).toBe(true);
  });
});

test('what follows the end of a series is not seen, channel by channel', () => {
  const whole = featuresOf({ count: 1, channels: 2, length: 3, values: Float32Array.of(1, 3, 2, 5, 4, 6) });
  const padded = featuresOf({
    count: 1,
    channels: 2,
    length: 5,
    values: Float32Array.of(1, 3, 2, 99, 99, 5, 4, 6, 99, 99),
    lengths: Int32Array.of(3),
  });
  expect(padded).toEqual(whole);
  const second = featuresOf({ count: 1, channels: 1, length: 3, values: Float32Array.of(5, 4, 6) });
  expect(whole.subarray(30)).toEqual(second);
});

test.each([20, 31, 60])('sample entropy of %i values is what its definition says', (n) => {
  const x = Float64Array.from(random(n, 'entropy').normals(n), (value) => Math.round(2 * value) / 2);
  const alike = (width: number): number => {
    let pairs = 0;
    for (let i = 0; i + width <= n; i++) {
      for (let j = i + 1; j + width <= n; j++) {
        pairs += Number(
          Array.from({ length: width }, (_, k) => Math.abs(x[i + k]! - x[j + k]!)).every((d) => d <= 0.5),
        );
      }
    }
    return pairs;
  };
  expect(sampleEntropy(x, 2, 0.5)).toBeCloseTo(-Math.log(alike(3) / alike(2)), 12);
});
