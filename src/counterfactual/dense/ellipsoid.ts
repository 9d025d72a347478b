/** ellipsoid: where one Gaussian of a mixture is as dense as asked for, and the nearest point of it. */
import type { Component, CovarianceKind } from '../../density/index.js';
import { svd } from '../../linalg/jacobi-svd.js';
import type { Frame } from '../ground/frame.js';

/** (x - centre)ᵀ Q diag(curvatures) Qᵀ (x - centre) <= radius. */
export interface Ellipsoid {
  readonly centre: Float64Array;
  /** Qᵀ, [d, d]: a principal axis a row; absent: the axes are those of the elements. */
  readonly axes: Float64Array | undefined;
  readonly curvatures: Float64Array;
  /** Above 0. */
  readonly radius: number;
}

/** A component in points of the search's range. @param frame in which it was fitted. @param radius the most of the squared Mahalanobis distance. */
export function ellipsoidOf(
  { mean, precision }: Component,
  kind: CovarianceKind,
  frame: Frame,
  radius: number,
): Ellipsoid {
  const d = mean.length;
  const scale = Float64Array.from({ length: d }, (_, i) => frame.scale?.[i] ?? 1);
  const shift = frame.of(new Float32Array(d));
  const centre = mean.map((value, i) => (value - shift[i]!) / scale[i]!);
  if (kind === 'diagonal')
    return { centre, axes: undefined, curvatures: precision.map((p, i) => p * scale[i]! ** 2), radius };
  const matrix = precision.map((p, at) => p * scale[Math.floor(at / d)]! * scale[at % d]!);
  const { s, v } = svd(matrix, d, d);
  return { centre, axes: v, curvatures: s, radius };
}

/** The squared Mahalanobis distance of a point of the search's range: `radius` on the surface. */
export function sizeIn({ centre, axes, curvatures }: Ellipsoid, x: ArrayLike<number>): number {
  const from = centre.map((value, i) => x[i]! - value);
  const along = axes ? turned(axes, from) : from;
  return along.reduce((sum, value, i) => sum + curvatures[i]! * value * value, 0);
}

/** The nearest point of the ellipsoid, written over `x`. */
export function projectOn({ centre, axes, curvatures, radius }: Ellipsoid, x: Float64Array): void {
  const d = centre.length;
  for (let i = 0; i < d; i++) x[i]! -= centre[i]!;
  const along = axes ? turned(axes, x) : x.slice();
  if (sizeAt(0).size > radius) {
    // secular equation: one over the root of the size is concave in the multiplier, so that Newton's steps never go too far
    let multiplier = 0;
    for (let step = 0; step < 60; step++) {
      const { size, slope } = sizeAt(multiplier);
      if (size <= radius * (1 + 1e-10)) break;
      multiplier += ((2 * size) / slope) * (1 - Math.sqrt(size / radius));
    }
    for (let i = 0; i < d; i++) along[i]! /= 1 + multiplier * curvatures[i]!;
    if (axes) turnedBack(axes, along, x);
    else x.set(along);
  }
  for (let i = 0; i < d; i++) x[i]! += centre[i]!;

  /** Of the point at a multiplier, and how it changes with that. */
  function sizeAt(multiplier: number): { size: number; slope: number } {
    let [size, slope] = [0, 0];
    for (let i = 0; i < d; i++) {
      const below = 1 + multiplier * curvatures[i]!;
      const own = (curvatures[i]! * along[i]! * along[i]!) / (below * below);
      size += own;
      slope -= (2 * curvatures[i]! * own) / below;
    }
    return { size, slope };
  }
}

/** Q' x. */
function turned(axes: Float64Array, x: Float64Array): Float64Array {
  const d = x.length;
  return x.map((_, k) => {
    let sum = 0;
    for (let i = 0; i < d; i++) sum += axes[k * d + i]! * x[i]!;
    return sum;
  });
}

/** Q x. */
function turnedBack(axes: Float64Array, x: Float64Array, out: Float64Array): void {
  const d = x.length;
  out.fill(0);
  for (let k = 0; k < d; k++) for (let i = 0; i < d; i++) out[i]! += axes[k * d + i]! * x[k]!;
}
