/** confident: which guesses are sure enough to count. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { stop } from '../../ops/stop.js';
import { softmax } from './terms.js';

/** @returns probabilities [rows, classes] and [rows], 1 where the largest is at least `threshold`; nothing flows back through either. */
export function confident(g: Builder, logits: Value, threshold: number): { belief: Value; counts: Value } {
  const belief = stop(g, softmax(g, logits));
  const isSure = g.op('GreaterOrEqual', [g.reduce('ReduceMax', belief, [-1]), g.scalar(threshold)]);
  return { belief, counts: g.op('Cast', [isSure], { to: 1 }) };
}
