/** l1Price: what a change costs as the sum of its absolute changes, each weighed by the cost of its feature. */
import type { Case } from '../case.js';
import type { Price } from '../measures.js';

/** A change of category, which moves two elements, counts as two, as it does in the published codes. */
export const l1Price = ({ features: { labels, costs } }: Case): Price => {
  const weights = Float32Array.from(labels, (f) => costs[f]!);
  return (difference) => difference.reduce((sum, value, i) => sum + weights[i]! * Math.abs(value), 0);
};
