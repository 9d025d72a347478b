/** The thirty features of a series that forests and logistic regression see, under the names and definitions of tsfresh. */
import type { Series } from '../../data/series.js';
import { sampleEntropy } from './sample-entropy.js';
import { type Summary, summaryOf } from './summary.js';

/**
 * Christ, Braun, Neuffer, Kempa-Liehr, Time series feature extraction on basis of scalable hypothesis tests (Neurocomputing 2018), as its
 * package defines them; in float64.
 *
 * All are finite for finite values. Where tsfresh has no number we have 0: changes of one value, curvature of two, skewness of two,
 * kurtosis of three. Skewness and kurtosis of equal values are 0, as there. See `sampleEntropy` for its case.
 */
export const features = {
  abs_energy: ({ x }) => total(x, (value) => value * value),
  absolute_sum_of_changes: ({ x }) => sumOfChanges(x),
  count_above_mean: ({ x, mean }) => total(x, (value) => Number(value > mean)),
  count_below_mean: ({ x, mean }) => total(x, (value) => Number(value < mean)),
  first_location_of_maximum: ({ x, maximum }) => x.indexOf(maximum) / x.length,
  first_location_of_minimum: ({ x, minimum }) => x.indexOf(minimum) / x.length,
  has_duplicate: ({ sorted }) => Number(sorted.some((value, i) => i > 0 && value === sorted[i - 1])),
  has_duplicate_max: ({ sorted, maximum }) => Number(sorted.length > 1 && sorted.at(-2) === maximum),
  has_duplicate_min: ({ sorted, minimum }) => Number(sorted.length > 1 && sorted[1] === minimum),
  kurtosis: ({ x, mean, variance }) => kurtosis(x, mean, variance),
  last_location_of_maximum: ({ x, maximum }) => (x.lastIndexOf(maximum) + 1) / x.length,
  last_location_of_minimum: ({ x, minimum }) => (x.lastIndexOf(minimum) + 1) / x.length,
  length: ({ x }) => x.length,
  longest_strike_above_mean: ({ x, mean }) => longestStrike(x, (value) => value > mean),
  longest_strike_below_mean: ({ x, mean }) => longestStrike(x, (value) => value < mean),
  maximum: ({ maximum }) => maximum,
  minimum: ({ minimum }) => minimum,
  mean: ({ mean }) => mean,
  mean_abs_change: ({ x }) => (x.length > 1 ? sumOfChanges(x) / (x.length - 1) : 0),
  mean_change: ({ x }) => (x.length > 1 ? (x.at(-1)! - x[0]!) / (x.length - 1) : 0),
  mean_second_derivative_central: ({ x }) =>
    x.length > 2 ? (x.at(-1)! - x.at(-2)! - x[1]! + x[0]!) / (2 * (x.length - 2)) : 0,
  median: ({ sorted }) => (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2,
  sample_entropy: ({ x, variance }) => sampleEntropy(x, 2, 0.2 * Math.sqrt(variance)),
  skewness: ({ x, mean, variance }) => skewness(x, mean, variance),
  standard_deviation: ({ variance }) => Math.sqrt(variance),
  sum_of_reoccurring_data_points: ({ sorted }) => sumOfReoccurring(sorted, (value, times) => value * times),
  sum_of_reoccurring_values: ({ sorted }) => sumOfReoccurring(sorted, (value) => value),
  sum_values: ({ sum }) => sum,
  variance: ({ variance }) => variance,
  variance_larger_than_standard_deviation: ({ variance }) => Number(variance > Math.sqrt(variance)),
} as const satisfies Record<string, (of: Summary) => number>;

export type FeatureName = keyof typeof features;

const rules = Object.values(features);

/** How many features a series of so many channels has. */
export const featureCount = (channels: number): number => channels * rules.length;

/** [count, channels * 30], channel by channel: of each as many steps as it has values; zeros where it has none. */
export function featuresOf({ count, channels, length, values, lengths }: Series): Float64Array {
  const table = new Float64Array(count * featureCount(channels));
  let at = 0;
  for (let row = 0; row < count; row++) {
    const steps = lengths ? lengths[row]! : length;
    for (let channel = 0; channel < channels; channel++, at += rules.length) {
      if (steps === 0) continue;
      const from = (row * channels + channel) * length;
      const summary = summaryOf(Float64Array.from(values.subarray(from, from + steps)));
      for (let k = 0; k < rules.length; k++) table[at + k] = rules[k]!(summary);
    }
  }
  return table;
}

function total(x: Float64Array, of: (value: number) => number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += of(x[i]!);
  return sum;
}

function sumOfChanges(x: Float64Array): number {
  let sum = 0;
  for (let i = 1; i < x.length; i++) sum += Math.abs(x[i]! - x[i - 1]!);
  return sum;
}

function longestStrike(x: Float64Array, isIn: (value: number) => boolean): number {
  let [longest, strike] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    strike = isIn(x[i]!) ? strike + 1 : 0;
    if (strike > longest) longest = strike;
  }
  return longest;
}

/** The estimate of a normal distribution's skewness that has no bias (G1). */
function skewness(x: Float64Array, mean: number, variance: number): number {
  const n = x.length;
  if (n < 3 || variance === 0) return 0;
  const third = total(x, (value) => (value - mean) ** 3) / n;
  return ((Math.sqrt(n * (n - 1)) / (n - 2)) * third) / variance ** 1.5;
}

/** The estimate of a normal distribution's excess kurtosis that has no bias (G2). */
function kurtosis(x: Float64Array, mean: number, variance: number): number {
  const n = x.length;
  if (n < 4 || variance === 0) return 0;
  const fourth = total(x, (value) => (value - mean) ** 4) / n;
  return ((n - 1) / ((n - 2) * (n - 3))) * (((n + 1) * fourth) / variance ** 2 - 3 * (n - 1));
}

/** Sum over the values that stand there more than once. */
function sumOfReoccurring(sorted: Float64Array, of: (value: number, times: number) => number): number {
  let sum = 0;
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    if (to - from > 1) sum += of(sorted[from]!, to - from);
  }
  return sum;
}
