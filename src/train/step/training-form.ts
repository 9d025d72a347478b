/** The training form of a classifier: the copy that steps compute with. What is saved is the model it was made from. */
import { workingCopy } from '../../autodiff/prepare.js';
import { UserError, unsupported } from '../../errors.js';
import { isDefaultDomain } from '../../ir/node.js';
import type { Graph, Node, Value } from '../../ir/types.js';
import { type Builder, builderFor } from '../../ops/builder.js';
import { floatsOf } from '../../tensor/convert.js';
import type { Tensor } from '../../tensor/tensor.js';
import { seriesInputs } from '../start/canonical.js';
import { featuresIn } from '../start/features.js';
import { scoresOf } from '../start/scores-of.js';

export interface TrainingForm {
  /** Inputs are `input` and, where it has one, `mask`; initializers are those of the model, by the same names. */
  readonly graph: Graph;
  /** float32 [batch, channels, length]. */
  readonly input: Value;
  /** float32 [batch, length], 1 where a series has values. */
  readonly mask?: Value;
  /** [batch, classes], before any softmax. */
  readonly logits: Value;
  /** [batch, width]: what the last linear layer reads; absent where another kind of layer makes the logits. */
  readonly features?: Value;
  /** Initializers that are trained. */
  readonly weights: readonly Value[];
  /** Running statistics of BatchNormalization, and what a forward pass on a batch makes of them. */
  readonly statistics: ReadonlyMap<Value, Value>;
  /** The nodes of Dropout and the share that each drops. */
  readonly dropouts: ReadonlyMap<Node, number>;
}

/**
 * `model` in opset 21 with BatchNormalization in training mode: outputs by the statistics of the batch, biased as ONNX has them, and
 * running ones as further outputs. Dropout stays, to be replaced by masks that are fed.
 * @param trained says which initializers of the copy move.
 * @param model as `canonical` gives it.
 * @throws UserError (exit 3) for what cannot be trained.
 */
export function trainingForm(model: Graph, trained: (copy: Graph) => readonly Value[]): TrainingForm {
  const { input, mask } = seriesInputs(model);
  const copy = ownTensors(workingCopy(scoresOf(model)));
  const [logits] = copy.outputs as [Value];
  const dropouts = new Map(copy.nodes.filter(isDropout).map((node) => [node, ratioOf(copy, node)]));
  const { graph, statistics } = inTrainingMode(copy);
  const features = featuresIn(graph, logits);
  return {
    graph: { ...graph, outputs: [logits, ...statistics.values(), ...(features ? [features] : [])] },
    input,
    logits,
    weights: trained(copy),
    statistics,
    dropouts,
    ...(mask && { mask }),
    ...(features && { features }),
  };
}

/** Weights are told apart by their tensors when a net is called several times: no two may share one. */
const ownTensors = (graph: Graph): Graph => ({
  ...graph,
  initializers: new Map([...graph.initializers].map(([value, t]): [Value, Tensor] => [value, { ...t }])),
});

const isDropout = ({ op, domain }: Node): boolean => op === 'Dropout' && isDefaultDomain(domain);

function ratioOf(graph: Graph, { inputs: [, ratio] }: Node): number {
  if (!ratio) return 0.5;
  const stored = graph.initializers.get(ratio);
  if (!stored) throw new UserError('train', `expected the ratio of a Dropout as a constant, got '${ratio.name}'`);
  return floatsOf(stored)[0]!;
}

function inTrainingMode(copy: Graph): { graph: Graph; statistics: Map<Value, Value> } {
  const g = builderFor(copy, 'statistics');
  const statistics = new Map<Value, Value>();
  const nodes = copy.nodes.flatMap((node): Node[] => {
    if (node.op !== 'BatchNormalization' || !isDefaultDomain(node.domain)) return [node];
    const [x, scale, shift, mean, variance] = node.inputs as [Value, Value, Value, Value, Value];
    if (!copy.initializers.has(mean) || !copy.initializers.has(variance)) {
      throw unsupported(
        'train',
        `expected the running statistics of '${node.name}' as initializers, got computed ones`,
      );
    }
    const after = [mean, variance].map(
      ({ name }): Value => ({
        name: `after/${name}`,
        type: { dtype: 'float32', shape: copy.initializers.get(mean)!.shape },
      }),
    );
    statistics.set(mean, after[0]!).set(variance, after[1]!);
    const attrs = { ...node.attrs, training_mode: { kind: 'int', value: 1n } } as const;
    const before = copied(g, [mean, variance], x);
    return [
      ...g.nodes.splice(0),
      { ...node, inputs: [x, scale, shift, ...before], outputs: [node.outputs[0]!, ...after], attrs },
    ];
  });
  const initializers = new Map([...copy.initializers, ...g.initializers]);
  return { graph: { ...copy, nodes, initializers }, statistics };
}

/**
 * Equal values in memory of their own for each pass: the runtime writes the new statistics over those that it reads, which would then be
 * moved by every pass of a step, and by every run of one step. A zero made of what is normalised is no other pass's zero, so that
 * the runtime does not take the copies of two passes for one.
 */
function copied(g: Builder, statistics: readonly Value[], x: Value): Value[] {
  const zero = g.mul(g.slice(g.reshape(x, [-1]), [0], [1], [0]), g.scalar(0));
  return statistics.map((value) => g.add(value, zero));
}
