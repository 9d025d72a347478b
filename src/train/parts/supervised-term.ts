/** The supervised term that algorithms share. */
import type { Value } from '../../ir/types.js';
import type { Scope } from '../step/scope.js';
import { crossEntropies, mean } from './terms.js';

/** Mean cross-entropy, each row weighted by its class where that was asked for. @param targets [rows, classes], rows sum to 1. */
export const supervisedTerm = (scope: Scope, logits: Value, targets: Value): Value =>
  mean(scope.g, weightedEntropies(scope, logits, targets));

/** Of each row. */
export function weightedEntropies({ g, classWeights }: Scope, logits: Value, targets: Value): Value {
  const entropies = crossEntropies(g, logits, targets);
  return classWeights ? g.mul(entropies, g.reduceSum(g.mul(targets, classWeights), [-1])) : entropies;
}
