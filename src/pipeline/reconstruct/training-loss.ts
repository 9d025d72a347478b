/** The loss that a model is trained with: next tokens of a language model, labels of a classifier. */
import type { Samples } from '../../data/index.js';
import { rowsOf } from '../../data/rows.js';
import { UserError } from '../../errors.js';
import { logitsOf } from '../../evaluate/logits.js';
import { emitTokenLoss } from '../../evaluate/token-loss.js';
import type { Batches } from '../../fit/index.js';
import { producers } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import { builderFor } from '../../ops/builder.js';
import { substitute } from '../../rewrite/substitute.js';
import { int64, type Tensor } from '../../tensor/tensor.js';

export interface TrainingLoss {
  /** The model with a scalar loss as its only output and what it should have said as one more input. */
  readonly graph: Graph;
  readonly loss: Value;
  /** By name of the input: batches of `size` samples. */
  batches(indices: readonly number[], size: number): Batches;
}

/** Cross-entropy. @throws UserError where the samples have neither tokens nor labels. */
export function trainingLoss(model: Graph, samples: Samples): TrainingLoss {
  const { tokens, labels, fixedBatch } = samples;
  const open = tokens ? nextTokens(model) : labels ? ofLabels(model) : undefined;
  if (!open) {
    throw new UserError(
      'retrain',
      'expected text, token ids or labelled samples as calibration data, got neither; add labels, or reconstruct by regions',
    );
  }
  const wanted = (from: number, to: number): Tensor =>
    tokens ? rowsOf(tokens, from, to, fixedBatch) : int64([to - from, 1], [...labels!.subarray(from, to)]);
  return {
    graph: open.graph,
    loss: open.loss,
    batches: (indices, size) => ({
      count: indices.length,
      at(index) {
        const from = (indices[index] as number) * size;
        const fed = [...samples.batch(from, from + size)].map(([{ name }, t]): [string, Tensor] => [name, t]);
        return new Map([...fed, [open.target.name, wanted(from, from + size)]]);
      },
    }),
  };
}

interface Open {
  readonly graph: Graph;
  readonly loss: Value;
  readonly target: Value;
}

function nextTokens(model: Graph): Open {
  const { graph, targets, logProbability } = emitTokenLoss(model);
  const g = builderFor(graph, 'train');
  const mean = g.op('Neg', [g.op('ReduceMean', [logProbability], { keepdims: 0 })]);
  return ended(g.appendTo({ ...graph, outputs: [] }, [mean]), mean, targets);
}

function ofLabels(model: Graph): Open {
  const logits = logitsOf(model, 2);
  // probabilities have been through a softmax that the loss does itself
  const maker = producers(model).get(logits);
  const scores = maker?.op === 'Softmax' ? (maker.inputs[0] as Value) : logits;
  const g = builderFor(model, 'train');
  const target = g.value('labels', { dtype: 'int64', shape: [null, 1] });
  const probabilities = g.op('LogSoftmax', [scores], { axis: -1 });
  const picked = g.op('GatherElements', [probabilities, target], { axis: 1 });
  const mean = g.op('Neg', [g.op('ReduceMean', [picked], { keepdims: 0 })]);
  const whole = g.appendTo({ ...model, outputs: [] }, [mean]);
  return ended({ ...whole, inputs: [...model.inputs, target] }, mean, target);
}

/** What is descended on says its type. */
function ended(graph: Graph, mean: Value, target: Value): Open {
  const loss: Value = { ...mean, type: { dtype: 'float32', shape: [] } };
  return { graph: substitute(graph, (value) => (value === mean ? loss : value)), loss, target };
}
