/** Features: which elements of an example change together, what a change of each costs, and what each may become. */
import type { Space } from '../../oracle/space.js';
import { costs, groups, type Schema, snap } from '../../schema/index.js';

export interface Features {
  readonly count: number;
  /** The feature of each element, [size]. */
  readonly labels: Int32Array;
  /** What a change of each feature weighs, [count]. */
  readonly costs: Float32Array;
  /** What a squared change of each element weighs, [size]: a change of category, which moves two elements by 1, weighs as one. */
  readonly weights: Float32Array;
  /** Of a table. */
  readonly schema?: Schema;
  /** Whether every point of the box is allowed, so that there is nothing to snap to. */
  readonly isPlain: boolean;
}

/** Of a table by its schema; of pictures and series each position, over all channels. */
export function featuresOf({ size, positions }: Space, schema?: Schema): Features {
  if (!schema) {
    const labels = Int32Array.from({ length: size }, (_, i) => i % positions);
    const ones = (length: number): Float32Array => new Float32Array(length).fill(1);
    return { count: positions, labels, costs: ones(positions), weights: ones(size), isPlain: true };
  }
  const labels = groups(schema);
  const prices = costs(schema);
  const { features, constraints } = schema;
  return {
    count: features.length,
    labels,
    costs: prices,
    weights: Float32Array.from(labels, (f) => prices[f]! * (features[f]!.type === 'categorical' ? 0.5 : 1)),
    schema,
    isPlain:
      constraints.length === 0 && features.every((each) => each.type === 'continuous' && each.step === undefined),
  };
}

/** The nearest allowed row, both in the input's units. */
export const allowed = ({ schema }: Features, original: Float32Array, point: Float32Array): Float32Array =>
  schema ? snap(schema, original, point) : point;

/** Features with an element that differs, rising. */
export function changedIn({ labels, count }: Features, a: Float32Array, b: Float32Array): number[] {
  const seen = new Uint8Array(count);
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) seen[labels[i]!] = 1;
  return Array.from({ length: count }, (_, f) => f).filter((f) => seen[f] === 1);
}

/** Elements of each feature. */
export function membersOf({ labels, count }: Features): number[][] {
  const members: number[][] = Array.from({ length: count }, () => []);
  labels.forEach((f, i) => {
    members[f]!.push(i);
  });
  return members;
}
