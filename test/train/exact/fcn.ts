/**
 * The fully convolutional network in float64 and training mode: three times convolution, BatchNormalization, ReLU; then global average
 * pooling, a linear layer and the mean cross-entropy. Wang, Yan, Oates, Time series classification from scratch with deep neural networks
 * (arXiv 1611.06455).
 */
import {
  batchNormalization,
  convolution,
  crossEntropy,
  type Floats,
  globalAveragePool,
  type Layer,
  linear,
  normalized,
  relu,
  type Statistics,
} from './layers.js';

/**
 * By name: `conv1.weight` [outputs, channels, kernel], `conv1.bias` [outputs] where there is one, `bn1.weight` and `bn1.bias` [outputs],
 * the same of 2 and 3, `fc.weight` [classes, outputs] and `fc.bias` [classes]. `bn1.running_mean`, `bn1.running_var` and so on may be
 * among them: the loss does not depend on them in training mode.
 */
export type Weights = ReadonlyMap<string, Floats>;

export interface Batch {
  /** [series, channels, length]. */
  readonly x: Floats;
  readonly labels: Int32Array;
}

export interface Slopes {
  readonly loss: number;
  readonly logits: Floats;
  /** By name, of all weights but the running statistics. */
  readonly gradients: ReadonlyMap<string, Floats>;
  /** Of the batch, by name of the BatchNormalization. */
  readonly statistics: ReadonlyMap<string, Statistics>;
}

export const blocks = [1, 2, 3] as const;

/** The loss of a batch, and its gradients by hand. */
export function slopesOf(weights: Weights, { x, labels }: Batch, epsilon: number): Slopes {
  const tape: { readonly layer: Layer; readonly names: readonly string[] }[] = [];
  const statistics = new Map<string, Statistics>();
  const weight = (name: string): Floats => weights.get(name)!;
  const put = <L extends Layer>(layer: L, names: readonly string[] = []): L => {
    tape.push({ layer, names });
    return layer;
  };
  let h = x;
  for (const i of blocks) {
    const bias = weights.get(`conv${i}.bias`);
    const names = [`conv${i}.weight`, ...(bias ? [`conv${i}.bias`] : [])];
    const conv = put(convolution(h, weight(`conv${i}.weight`), bias), names);
    const [scale, shift] = [`bn${i}.weight`, `bn${i}.bias`];
    const norm = put(batchNormalization(conv.y, weight(scale), weight(shift), epsilon), [scale, shift]);
    statistics.set(`bn${i}`, norm.batch);
    h = put(relu(norm.y)).y;
  }
  const pooled = put(globalAveragePool(h)).y;
  const logits = put(linear(pooled, weight('fc.weight'), weight('fc.bias')), ['fc.weight', 'fc.bias']).y;
  const loss = put(crossEntropy(logits, labels)).y;

  const gradients = new Map<string, Floats>();
  let d: Floats = { shape: [], values: Float64Array.of(1) };
  for (const { layer, names } of tape.reverse()) {
    const [dx, ...others] = layer.back(d) as [Floats, ...Floats[]];
    for (const [i, name] of names.entries()) gradients.set(name, others[i]!);
    d = dx;
  }
  return { loss: loss.values[0]!, logits, gradients, statistics };
}

/** What the network says of series in inference mode, by its running statistics. @returns [series, classes]. */
export function logitsOf(weights: Weights, x: Floats, epsilon: number): Floats {
  const weight = (name: string): Floats => weights.get(name)!;
  let h = x;
  for (const i of blocks) {
    const conv = convolution(h, weight(`conv${i}.weight`), weights.get(`conv${i}.bias`)).y;
    const given = { mean: weight(`bn${i}.running_mean`).values, variance: weight(`bn${i}.running_var`).values };
    h = relu(normalized(conv, weight(`bn${i}.weight`), weight(`bn${i}.bias`), given, epsilon)).y;
  }
  return linear(globalAveragePool(h).y, weight('fc.weight'), weight('fc.bias')).y;
}
