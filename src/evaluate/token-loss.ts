/** The loss of a language model, emitted into its graph: logits never leave the runtime. */
import { unsupported } from '../errors.js';
import type { Graph, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import { logitsOf } from './logits.js';

export interface TokenLoss {
  /** The model with `loss` as its only output and `targets` as one more input. */
  readonly graph: Graph;
  /** int64 [batch, sequence]: the ids that were fed; predictions at a position are compared with the id at the next. */
  readonly targets: Value;
  /** float32 [batch, sequence - 1, 1]: the logarithm of the probability that the model gave each next token. */
  readonly logProbability: Value;
}

/** LogSoftmax subtracts the largest logit first, so large ones do not overflow; the batch stays symbolic. */
const leastOpset = 11;

/** @throws UserError (exit 3) when the model has no output of logits, or is of an opset below 11. */
export function emitTokenLoss(graph: Graph): TokenLoss {
  const opset = graph.opsets.get('') ?? graph.opsets.get('ai.onnx') ?? 0;
  if (opset < leastOpset)
    throw unsupported('perplexity', `expected opset ${leastOpset} or higher, got ${opset}; convert the model`);
  const logits = logitsOf(graph, 3);
  const g = builderFor(graph);
  const targets = g.value('targets', { dtype: 'int64', shape: [null, null] });
  const scores = logits.type?.dtype === 'float32' ? logits : g.op('Cast', [logits], { to: 1 });
  const everyPrediction = g.slice(scores, [0], [-1], [1]);
  const nextTokens = g.slice(targets, [1], [Number.MAX_SAFE_INTEGER], [1]);
  const logProbabilities = g.op('LogSoftmax', [everyPrediction], { axis: -1 });
  const logProbability = g.op('GatherElements', [logProbabilities, g.reshape(nextTokens, [0, -1, 1])], { axis: 2 });
  const whole = g.appendTo({ ...graph, outputs: [] }, [logProbability]);
  return { graph: { ...whole, inputs: [...graph.inputs, targets] }, targets, logProbability };
}
