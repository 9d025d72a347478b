/** utilisation: what a method makes of unlabelled series, told of each step so that silent failure shows. */
import type { Value } from '../../ir/types.js';
import type { Scope } from '../step/scope.js';
import { largest, mean } from './terms.js';

/**
 * Tells the share of unlabelled series that count (`utilisation`) and, where their classes are known, how many of the guesses that
 * count are right (`pseudo-label accuracy`).
 * @param guesses [rows, classes]; @param counts [rows], 1 where a guess is used; absent: all are.
 */
export function utilisation(scope: Scope, guesses: Value, counts?: Value): void {
  const { g, truth } = scope;
  const right = g.reduceSum(g.mul(largest(g, guesses), truth), [-1]);
  const known = g.reduceSum(truth, [-1]);
  const asked = counts ? g.mul(known, counts) : known;
  const total = g.op('ReduceSum', [asked], { keepdims: 0 });
  const hits = g.op('ReduceSum', [counts ? g.mul(right, counts) : right], { keepdims: 0 });
  // 0 of 0 is told as NaN: nothing is known of such a step
  scope.watch('pseudo-label accuracy', g.op('Div', [hits, total]));
  if (counts) scope.watch('utilisation', mean(g, counts));
}
