/** kde: a Gaussian of one width around each point. */
import type { Value } from '../ir/types.js';
import type { FloatArray } from '../linalg/index.js';
import type { Builder } from '../ops/builder.js';
import { type BandwidthOptions, bestBandwidth } from './bandwidth.js';
import type { Density } from './density.js';
import { emitLogSumExp, logSumExp, logTwoPi } from './log-sum-exp.js';
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
    emit: (g, x) => emitLogDensity(g, x, points, dimensions, { factor, offset }),
  };
}

/**
 * factor |x - x_i|^2 is factor |x|^2 and a part that is linear in x: the former is the same for all i, so that their sum of
 * exponentials is one of a product.
 */
function emitLogDensity(
  g: Builder,
  x: Value,
  points: Float64Array,
  dimensions: number,
  { factor, offset }: { readonly factor: number; readonly offset: number },
): Value {
  // about their mean the squares are small, and little of float32 cancels
  const { mean } = spreadOf(points, dimensions);
  const rows = points.length / dimensions;
  const columns = new Float32Array(points.length);
  const squares = new Float64Array(rows);
  for (let i = 0; i < points.length; i++) {
    const [row, column] = [Math.floor(i / dimensions), i % dimensions];
    const p = Math.fround(points[i]! - mean[column]!);
    columns[column * rows + row] = -2 * factor * p;
    squares[row]! += factor * p * p;
  }
  const moved = g.sub(x, g.floats(mean));
  const exponents = g.add(g.matmul(moved, g.floats(columns, [dimensions, rows])), g.floats(squares));
  const square = g.mul(g.reduce('ReduceSumSquare', moved, [1]), g.scalar(factor));
  return g.add(g.add(emitLogSumExp(g, exponents, 1), square), g.scalar(offset));
}
