/** Term: a smooth part of what a counterfactual costs, besides what the model says of it. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import type { PointScene, RowInput } from '../../oracle/objectives.js';

export interface Term {
  /** Programs are kept by it. */
  readonly name: string;
  /** Float32 [batch]. */
  emit(g: Builder, scene: PointScene, row: RowInput): Value;
  /** By how much its gradient may change an element's change, [size]: an upper bound; absent: 2, as of squared distances. */
  readonly curvature?: Float32Array;
  /** The same of one point, to choose between points at hand; absent: it has no say there. */
  value?(point: Float32Array, row: number): number;
  /** No value lies below; absent: not known. */
  readonly least?: number | undefined;
}

/** [batch, size] of an example. */
export const flat = (g: Builder, { example, size }: PointScene): Value => g.reshape(example, [-1, size]);
