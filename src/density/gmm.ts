/** gmm: the density of a mixture of Gaussians. */
import type { FloatArray } from '../linalg/index.js';
import type { Component, CovarianceKind } from './component.js';
import type { Density } from './density.js';
import { logSumExp } from './log-sum-exp.js';
import { emitMixture, offsetOf, parametersOf } from './mixture.js';
import { rowsOf } from './points.js';

export interface Gmm extends Density {
  readonly name: 'gmm';
  readonly covariance: CovarianceKind;
  readonly components: readonly Component[];
}

/** log p(x) = log sum_k weight_k N(x; mean_k, covariance_k). */
export function gmm(components: readonly Component[], covariance: CovarianceKind): Gmm {
  const dimensions = (components[0] as Component).mean.length;
  const offsets = components.map(offsetOf);
  return {
    name: 'gmm',
    dimensions,
    covariance,
    components,
    logDensity(points) {
      const logs = new Float64Array(components.length);
      const white = new Float64Array(dimensions);
      return Float64Array.from({ length: rowsOf('gmm', points, dimensions, 0) }, (_, row) => {
        for (const [k, each] of components.entries()) {
          whiten(points, row, each, covariance, white);
          logs[k] = (offsets[k] as number) - squaredNorm(white) / 2;
        }
        return logSumExp(logs);
      });
    },
    emit(g, x) {
      const { means, whiteners, offsets } = parametersOf(components, covariance, 'float32');
      const parameters = { means: g.constant(means), whiteners: g.constant(whiteners), offsets: g.constant(offsets) };
      return emitMixture(g, x, parameters, covariance, 'float32').total;
    },
  };
}

/** Writes (x - mean) W of a row into `out`. */
function whiten(
  points: FloatArray,
  row: number,
  { mean, whitener }: Component,
  kind: CovarianceKind,
  out: Float64Array,
): void {
  const d = mean.length;
  out.fill(0);
  for (let i = 0; i < d; i++) {
    const difference = (points[row * d + i] as number) - (mean[i] as number);
    if (kind === 'diagonal') out[i] = difference * (whitener[i] as number);
    else for (let j = i; j < d; j++) out[j]! += difference * (whitener[i * d + j] as number);
  }
}

function squaredNorm(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] as number) ** 2;
  return sum;
}
