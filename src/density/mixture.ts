/** Nodes of a mixture of Gaussians: shared by its density, in float32, and by the steps that fit it, in float64. */
import type { Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { Component, CovarianceKind } from './component.js';
import { emitLogSumExp, logTwoPi } from './log-sum-exp.js';

/** What the nodes read of k components over d features. */
export interface Parameters<T> {
  /** [k, 1, d] */
  readonly means: T;
  /** [k, d, d], or [k, 1, d] where covariances are diagonal. */
  readonly whiteners: T;
  /** [k, 1]: log of the weight times the Gaussian's normaliser. */
  readonly offsets: T;
}

/** @param x [batch, d] */
export function emitMixture(
  g: Builder,
  x: Value,
  { means, whiteners, offsets }: Parameters<Value>,
  kind: CovarianceKind,
  dtype: 'float32' | 'float64',
): {
  /** x less each mean, [k, batch, d]. */
  differences: Value;
  /** log of weight times density, [k, batch]. */
  joint: Value;
  /** log p, [batch]. */
  total: Value;
} {
  // subtracted before they are whitened: squares that are expanded would cancel in narrow directions
  const differences = g.sub(g.unsqueeze(x, [0]), means);
  const white = kind === 'full' ? g.matmul(differences, whiteners) : g.mul(differences, whiteners);
  const joint = g.add(g.mul(g.reduce('ReduceSumSquare', white, [2]), g.scalar(-0.5, dtype)), offsets);
  return { differences, joint, total: emitLogSumExp(g, joint, 0) };
}

export function parametersOf(
  components: readonly Component[],
  kind: CovarianceKind,
  dtype: 'float32' | 'float64',
): Parameters<Tensor> {
  const k = components.length;
  const d = (components[0] as Component).mean.length;
  const packed = (shape: readonly number[], parts: readonly Float64Array[]): Tensor => {
    const all = dtype === 'float32' ? new Float32Array(k * parts[0]!.length) : new Float64Array(k * parts[0]!.length);
    parts.forEach((part, i) => void all.set(part, i * part.length));
    return tensor(dtype, shape, all);
  };
  return {
    means: packed(
      [k, 1, d],
      components.map(({ mean }) => mean),
    ),
    whiteners: packed(
      [k, kind === 'full' ? d : 1, d],
      components.map(({ whitener }) => whitener),
    ),
    offsets: packed(
      [k, 1],
      components.map((each) => Float64Array.of(offsetOf(each))),
    ),
  };
}

export const offsetOf = ({ weight, mean, logDeterminant }: Component): number =>
  Math.log(weight) - (mean.length * logTwoPi + logDeterminant) / 2;
