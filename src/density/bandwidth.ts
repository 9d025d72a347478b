/** bestBandwidth: the width of a kernel density under which points that it has not seen are likeliest. */
import { UserError } from '../errors.js';
import { heed } from '../heed.js';
import type { FloatArray } from '../linalg/index.js';
import { random } from '../tensor/random.js';
import { logSumExp } from './log-sum-exp.js';
import { checkWhole, rowsAt, rowsOf, squaredDistance } from './points.js';
import { averageOf, spreadOf } from './spread.js';

export interface BandwidthOptions {
  /** Parts, of which each is scored under the others; default 5, and no more than there are points. */
  readonly folds?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Every pair is looked at twice: of more points than these a sample is taken. */
const most = 2000;

/**
 * The bandwidth with the largest cross-validated likelihood, over Scott's rule (Multivariate Density Estimation, 1992), sigma
 * n^(-1/(d+4)), times 2^-6, 2^-5, ..., 2^4, then over seven equal ratios between the neighbours of the best; of equals the larger.
 * sigma^2 is the mean variance of the features, or 1 where all points are the same. A sample of n points of N is corrected by
 * (n/N)^(1/(d+4)). Repeated points are likeliest under no width at all: the grid's lower end then bounds it.
 * @throws UserError for fewer than two points.
 */
export async function bestBandwidth(
  points: FloatArray,
  dimensions: number,
  { folds = 5, seed = 0 }: BandwidthOptions = {},
): Promise<number> {
  const rows = rowsOf('kde', points, dimensions);
  if (rows < 2)
    throw new UserError('kde', 'expected at least 2 points to choose a bandwidth by, got 1; give a bandwidth');
  checkWhole('kde', 'folds', folds, 2);
  const used = random(seed, 'kde').sample(Math.min(rows, most), rows);
  const part = { points: rowsAt(points, dimensions, used), dimensions, folds: Math.min(folds, used.length) };
  const rule = Math.sqrt(averageOf(spreadOf(points, dimensions).variance)) || 1;
  const scott = rule * used.length ** (-1 / (dimensions + 4));
  const coarse = await bestOf(powers(scott, -6, 4, 1), part);
  const fine = await bestOf(powers(coarse, -0.75, 0.75, 0.25), part);
  return fine * (used.length / rows) ** (1 / (dimensions + 4));
}

/** scale 2^e for e from the last to the first: the largest first. */
const powers = (scale: number, first: number, last: number, step: number): number[] =>
  Array.from({ length: Math.round((last - first) / step) + 1 }, (_, i) => scale * 2 ** (last - i * step));

/** Points in random order: the fold of one is its index modulo their number. */
interface Split {
  readonly points: Float64Array;
  readonly dimensions: number;
  readonly folds: number;
}

async function bestOf(bandwidths: readonly number[], split: Split): Promise<number> {
  const scores = await scoresOf(bandwidths, split);
  return bandwidths[scores.indexOf(Math.max(...scores))] as number;
}

/** The log density of every point under those of the other folds, summed; up to the same constant for each bandwidth. */
async function scoresOf(bandwidths: readonly number[], { points, dimensions, folds }: Split): Promise<number[]> {
  const rows = points.length / dimensions;
  const scores = bandwidths.map((h) => -rows * dimensions * Math.log(h));
  const distances = new Float64Array(rows);
  const exponents = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let count = 0;
    for (let j = 0; j < rows; j++) {
      if (j % folds !== i % folds) distances[count++] = squaredDistance(points, i, points, j, dimensions);
    }
    const known = exponents.subarray(0, count);
    for (const [at, h] of bandwidths.entries()) {
      for (let j = 0; j < count; j++) known[j] = (distances[j] as number) / (-2 * h * h);
      scores[at]! += logSumExp(known);
    }
    if (i % 100 === 0) await heed();
  }
  return scores;
}
