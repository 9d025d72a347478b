/** Features of mean 0 and variance 1, and the way back for a component. */
import type { FloatArray } from '../linalg/index.js';
import { type Component, type CovarianceKind, component } from './component.js';
import { averageOf, spreadOf } from './spread.js';

export interface Standard {
  /** [rows, dimensions] */
  readonly points: Float64Array;
  readonly rows: number;
  readonly dimensions: number;
  readonly mean: Float64Array;
  /** Units of the features: their standard deviations. */
  readonly scale: Float64Array;
}

/** A constant feature's unit is the root of the mean variance, or 1 where all are constant. */
export function standardised(points: FloatArray, dimensions: number): Standard {
  const { mean, variance } = spreadOf(points, dimensions);
  const usual = averageOf(variance) || 1;
  const scale = variance.map((v) => Math.sqrt(v || usual));
  return {
    points: Float64Array.from(points, (x, i) => (x - mean[i % dimensions]!) / scale[i % dimensions]!),
    rows: points.length / dimensions,
    dimensions,
    mean,
    scale,
  };
}

export function unscaled({ weight, mean, covariance }: Component, standard: Standard, kind: CovarianceKind): Component {
  const { dimensions: d, scale } = standard;
  const units =
    kind === 'full' ? (at: number) => scale[Math.floor(at / d)]! * scale[at % d]! : (at: number) => scale[at]! ** 2;
  return component(
    weight,
    mean.map((m, i) => standard.mean[i]! + m * scale[i]!),
    covariance.map((v, at) => v * units(at)),
    kind,
  );
}
