/** log of a sum of exponentials, without overflow. */
import type { Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';

/** log(exp(values[0]) + exp(values[1]) + ...); -Infinity where all are. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > largest) largest = values[i] as number;
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] as number) - largest);
  return largest + Math.log(sum);
}

export const logTwoPi = Math.log(2 * Math.PI);

/**
 * The same along an axis, as nodes: ReduceLogSumExp takes its exponentials one by one, five times as slowly as Exp does. What is taken
 * off is rounded, and so has no slope: it would cancel anyway.
 */
export function emitLogSumExp(g: Builder, values: Value, axis: number): Value {
  const largest = g.op('Ceil', [g.reduce('ReduceMax', values, [axis], true)]);
  const sum = g.reduceSum(g.op('Exp', [g.sub(values, largest)]), [axis]);
  return g.add(g.op('Log', [sum]), g.squeeze(largest, [axis]));
}
