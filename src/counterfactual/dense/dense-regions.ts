/** denseRegions: the ellipsoids in which examples of a class are as dense as most of them are. */
import type { Gmm } from '../../density/index.js';
import { rowAt } from '../../oracle/packed.js';
import type { Reference } from '../ground/reference.js';
import { type Ellipsoid, ellipsoidOf, sizeIn } from './ellipsoid.js';

const known = new WeakMap<Reference, Map<string, Promise<Ellipsoid[]>>>();

/**
 * One for each component of the class's mixture that is anywhere so dense: (x - mu)ᵀ Sigma⁻¹ (x - mu) + c <= delta, with
 * c = -2 log pi + d log 2 pi + log det Sigma. The density at a point is taken for that of its densest component, as Artelt and Hammer do.
 * @param quantile of the densities of the class's own examples: so much of them lies outside.
 */
export function denseRegions(reference: Reference, label: number, quantile: number): Promise<Ellipsoid[]> {
  const own = known.get(reference) ?? new Map<string, Promise<Ellipsoid[]>>();
  known.set(reference, own);
  const name = `${label} ${quantile}`;
  const made = own.get(name) ?? regionsOf(reference, label, quantile);
  own.set(name, made);
  return made;
}

async function regionsOf(reference: Reference, label: number, quantile: number): Promise<Ellipsoid[]> {
  const { size, frame } = reference;
  const { components, covariance } = (await reference.gmm(label)) as Gmm;
  const whole = components.map((component) => ({
    ellipsoid: ellipsoidOf(component, covariance, frame, Number.POSITIVE_INFINITY),
    offset: -2 * Math.log(component.weight) + size * Math.log(2 * Math.PI) + component.logDeterminant,
  }));
  const points = reference.of(label);
  const rarities = Float64Array.from({ length: points.length / size }, (_, row) =>
    Math.min(...whole.map(({ ellipsoid, offset }) => sizeIn(ellipsoid, rowAt(points, size, row)) + offset)),
  ).sort();
  const most = rarities[Math.min(rarities.length - 1, Math.floor((1 - quantile) * rarities.length))]!;
  return whole.flatMap(({ ellipsoid, offset }) => (most - offset > 0 ? [{ ...ellipsoid, radius: most - offset }] : []));
}
