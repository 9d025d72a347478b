/** scoresOf: a classifier with its logits as the only output. */
import { makerOf } from '../../evaluate/class-scores.js';
import { logitsOf } from '../../evaluate/logits.js';
import type { Graph, Value } from '../../ir/types.js';
import { simplify } from '../../rewrite/simplify.js';

/** [batch, classes], before any softmax: losses and figures do that themselves. */
export function scoresOf(model: Graph): Graph {
  const scores = logitsOf(model, 2);
  const maker = makerOf(model, scores);
  const logits = maker?.op === 'Softmax' ? (maker.inputs[0] as Value) : scores;
  return simplify({ ...model, outputs: [logits] });
}
