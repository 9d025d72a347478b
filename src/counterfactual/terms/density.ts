/** density: how improbable a point is among those of its class: -log p. */
import type { Density, Gmm, Kde } from '../../density/index.js';
import type { Frame } from '../ground/frame.js';
import { flat, type Term } from './term.js';

/** @param name of the program. @param frame in which the density was fitted. */
export const implausibility = (name: string, density: Density, frame: Frame): Term => ({
  name,
  emit: (g, scene) => g.op('Neg', [density.emit(g, frame.emit(g, flat(g, scene)))]),
  value: (point) => -density.logDensity(frame.of(point))[0]!,
  curvature: curvatureOf(density, frame),
  least: density.name === 'kde' ? leastOf(density as Kde) : undefined,
});

/** Where all kernels lie at one point. */
const leastOf = ({ bandwidth, dimensions }: Kde): number =>
  dimensions * (Math.log(bandwidth) + Math.log(2 * Math.PI) / 2);

/**
 * -log of a sum of Gaussians bends at most as the narrowest of them: its second derivative is their mean less a variance. Of a full
 * covariance the bound is the sum of a row of the precision (Gershgorin).
 */
function curvatureOf(density: Density, { scale }: Frame): Float32Array {
  const d = density.dimensions;
  const unit = (i: number): number => scale?.[i] ?? 1;
  if (density.name === 'kde') {
    const { bandwidth } = density as Kde;
    return Float32Array.from({ length: d }, (_, i) => (unit(i) / bandwidth) ** 2);
  }
  const { components, covariance } = density as Gmm;
  const bends = ({ precision }: (typeof components)[number], i: number): number => {
    if (covariance === 'diagonal') return precision[i]! * unit(i) ** 2;
    let sum = 0;
    for (let j = 0; j < d; j++) sum += Math.abs(precision[i * d + j]!) * unit(i) * unit(j);
    return sum;
  };
  return Float32Array.from({ length: d }, (_, i) => Math.max(...components.map((each) => bends(each, i))));
}
