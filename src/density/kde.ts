/** kde: a Gaussian of one width around each point. */
import type { Value } from '../ir/types.js';
import type { FloatArray } from '../linalg/index.js';
import type { Builder } from '../ops/builder.js';
import { type BandwidthOptions, bestBandwidth } from './bandwidth.js';
import type { Density } from './density.js';
import { logSumExp, logTwoPi } from './log-sum-exp.js';
import { checkPositive, rowsOf, squaredDistance } from './points.js';
import { spreadOf } from './spread.js';

export interface Kde extends Density {
  readonly name: 'kde';
  /** [rows, dimensions] */
  readonly points: Float64Array;
  /** The standard deviation of every Gaussian, in the unit of the features. */
  readonly bandwidth: number;
}

export interface KdeOptions extends BandwidthOptions {
  /** Default: the one that cross-validation finds best. */
  readonly bandwidth?: number;
}

/**
 * Parzen, On estimation of a probability density function and mode (1962), with a bandwidth chosen by `bestBandwidth`.
 * @throws UserError for an empty set, numbers that are not finite, or one point without a bandwidth.
 */
export async function fitKde(points: FloatArray, dimensions: number, options: KdeOptions = {}): Promise<Kde> {
  const { bandwidth, ...search } = options;
  return kde(points, dimensions, bandwidth ?? (await bestBandwidth(points, dimensions, search)));
}

/**
 * log p(x) = log sum_i exp(-|x - x_i|^2 / 2 h^2) - log n - d log h - d/2 log 2 pi, which integrates to 1. The reference code of S-CFE
 * (arXiv 2410.15723) divides by h, where d dimensions need h^d: its values agree with these for d = 1 only, its gradients always.
 */
export function kde(given: FloatArray, dimensions: number, bandwidth: number): Kde {
  const rows = rowsOf('kde', given, dimensions);
  checkPositive('kde', 'the bandwidth', bandwidth);
  const points = Float64Array.from(given);
  const factor = -1 / (2 * bandwidth ** 2);
  const offset = -Math.log(rows) - dimensions * (Math.log(bandwidth) + logTwoPi / 2);
  return {
    name: 'kde',
    dimensions,
    points,
    bandwidth,
    logDensity(queries) {
      const exponents = new Float64Array(rows);
      return Float64Array.from({ length: rowsOf('kde', queries, dimensions, 0) }, (_, q) => {
        for (let i = 0; i < rows; i++) exponents[i] = factor * squaredDistance(queries, q, points, i, dimensions);
        return logSumExp(exponents) + offset;
      });
    },
    emit: (g, x) =>
      g.add(g.reduce('ReduceLogSumExp', emitExponents(g, x, points, dimensions, factor), [1]), g.scalar(offset)),
  };
}

/** factor |x - x_i|^2, [batch, rows], by |x|^2 - 2 x . x_i + |x_i|^2. */
function emitExponents(g: Builder, x: Value, points: Float64Array, dimensions: number, factor: number): Value {
  // about their mean the squares are small, and little of float32 cancels
  const { mean } = spreadOf(points, dimensions);
  const centred = Float32Array.from(points, (p, i) => p - (mean[i % dimensions] as number));
  const rows = points.length / dimensions;
  const columns = new Float32Array(centred.length);
  const squares = new Float64Array(rows);
  for (const [i, p] of centred.entries()) {
    columns[(i % dimensions) * rows + Math.floor(i / dimensions)] = -2 * p;
    squares[Math.floor(i / dimensions)]! += p * p;
  }
  const moved = g.sub(x, g.floats(mean));
  const products = g.matmul(moved, g.floats(columns, [dimensions, rows]));
  const distances = g.add(g.add(products, g.floats(squares)), g.reduce('ReduceSumSquare', moved, [1], true));
  // rounding gives a point a distance below 0 to itself
  return g.mul(g.op('Clip', [distances, g.scalar(0)]), g.scalar(factor));
}
