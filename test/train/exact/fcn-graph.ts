/** The network of `fcn.ts` as a graph in training mode, for what runs graphs. */
import { losses } from '../../../src/autodiff/losses.js';
import type { Batch as Fed } from '../../../src/fit/index.js';
import { attrs } from '../../../src/ir/node.js';
import type { Graph, Value } from '../../../src/ir/types.js';
import { builderFor } from '../../../src/ops/builder.js';
import { float32, int64 } from '../../../src/tensor/tensor.js';
import { graphOf, typed } from '../../helpers/graphs.js';
import { type Batch, blocks, type Weights } from './fcn.js';

export interface FcnGraph {
  readonly graph: Graph;
  readonly loss: Value;
  /** What is trained: all initializers but the running statistics. */
  readonly weights: readonly Value[];
  /** By name, `bn1.running_mean` and so on: what a forward makes of it. */
  readonly running: ReadonlyMap<string, Value>;
}

/** Inputs: `x` float32 [series, channels, length] and `labels` int64 [series]. */
export function fcnGraph(weights: Weights, { x, labels }: Batch, epsilon = 1e-5, momentum = 0.9): FcnGraph {
  const stored = new Map(
    [...weights].map(([name, { shape, values }]) => [
      name,
      { value: typed(name, shape), tensor: float32(shape, Float32Array.from(values)) },
    ]),
  );
  const [input, target] = [typed('x', x.shape), typed('labels', [labels.length], 'int64')];
  const initializers = new Map([...stored.values()].map(({ value, tensor }) => [value, tensor]));
  const base = graphOf({ inputs: [input, target], initializers });
  const g = builderFor(base, 'fcn');
  const weight = (name: string): Value => stored.get(name)!.value;
  const running = new Map<string, Value>();
  let h = input;
  for (const i of blocks) {
    const bias = stored.get(`conv${i}.bias`)?.value;
    const kernel = weights.get(`conv${i}.weight`)!.shape[2]!;
    const pads = [Math.floor((kernel - 1) / 2), Math.floor(kernel / 2)];
    h = g.op('Conv', [h, weight(`conv${i}.weight`), ...(bias ? [bias] : [])], { pads });
    const parts = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `bn${i}.${part}`);
    const [y, mean, variance] = g.ops('BatchNormalization', [h, ...parts.map(weight)], 3, {
      training_mode: 1,
      epsilon: { kind: 'float', value: epsilon },
      momentum: { kind: 'float', value: momentum },
    });
    running.set(parts[2]!, mean!).set(parts[3]!, variance!);
    h = g.op('Relu', [y!]);
  }
  const pooled = g.squeeze(g.op('GlobalAveragePool', [h]), [2]);
  const logits = g.op('Gemm', [pooled, weight('head.weight'), weight('head.bias')], { transB: 1 });
  const classes = weights.get('head.bias')!.shape[0]!;
  const type = { dtype: 'float32', shape: [labels.length, classes] } as const;
  const last = losses['cross-entropy'].emit(g, logits, type, target, {});
  const loss: Value = { name: 'loss', type: { dtype: 'float32', shape: [] } };
  g.nodes.push({ name: 'loss', op: 'Identity', domain: '', inputs: [last], outputs: [loss], attrs: attrs({}) });
  const trained = [...stored.values()].map(({ value }) => value).filter(({ name }) => !name.includes('running'));
  return { graph: g.appendTo(base, [loss]), loss, weights: trained, running };
}

/** A batch as it is fed to the graph. */
export const fedOf = ({ x, labels }: Batch): Fed =>
  new Map([
    ['x', float32(x.shape, Float32Array.from(x.values))],
    ['labels', int64([labels.length], [...labels])],
  ]);
