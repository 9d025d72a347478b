/** ROCKET as a graph: from series to the features of its kernels, and on to logits. */
import type { Graph, Value } from '../../ir/types.js';
import { Builder } from '../../ops/builder.js';
import type { KernelGroup, Kernels } from './rocket-kernels.js';

/** From features to classes. */
export interface LinearHead {
  /** [features, classes] */
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

export interface RocketGraphOptions {
  /** Absent: the features are the output. */
  readonly head?: LinearHead | undefined;
  /** Whether there is an input `lengths`, int64 [batch]: how many steps of each series have values. */
  readonly hasLengths?: boolean | undefined;
}

/**
 * From `input`, [batch, channels, length], each channel of each series brought to mean 0 and variance 1 first, to `logits`,
 * [batch, classes], or to `features`, [batch, 2 * kernels]: of each group of kernels the shares of positive values (PPV), then the largest
 * values. With lengths, only places inside a series count, and at least one.
 */
export function rocketGraph(kernels: Kernels, { head, hasLengths = false }: RocketGraphOptions = {}): Graph {
  const { channels, length, groups } = kernels;
  const g = new Builder(['input', 'lengths', 'features', 'logits'], 'rocket');
  const input: Value = { name: 'input', type: { dtype: 'float32', shape: ['batch', channels, length] } };
  const lengths: Value = { name: 'lengths', type: { dtype: 'int64', shape: ['batch'] } };
  const inside = hasLengths ? insideOf(g, lengths, length) : undefined;

  const x = normalised(g, input, inside?.(length, 0));
  const parts = groups.flatMap((group) => {
    const grown = 2 * group.padding - (group.length - 1) * group.dilation;
    return poolings(g, convolved(g, x, channels, group), inside?.(length + grown, grown));
  });
  const output: Value = { name: head ? 'logits' : 'features' };
  if (head) {
    const width = head.biases.length;
    const features = g.concat(parts, 1);
    const weights = g.floats(head.weights, [head.weights.length / width, width]);
    name(g, g.op('Gemm', [features, weights, g.floats(head.biases)]), output);
  } else name(g, g.concat(parts, 1), output);
  return {
    name: 'rocket',
    inputs: hasLengths ? [input, lengths] : [input],
    outputs: [output],
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([['', 21]]),
    functions: [],
  };
}

/** The places that count: 1 inside a series, and how many those are. */
interface Inside {
  /** [batch, 1, places] */
  readonly mask: Value;
  /** [batch, 1, 1], at least 1. */
  readonly count: Value;
}

/** Of series that a kernel makes longer or shorter by `grown`; those of one kind share their nodes. */
function insideOf(g: Builder, lengths: Value, length: number): (places: number, grown: number) => Inside {
  const steps = g.reshape(g.op('Cast', [lengths], { to: 1 }), [-1, 1, 1]);
  const place = g.floats(
    Float32Array.from({ length }, (_, i) => i),
    [1, 1, length],
  );
  const known = new Map<number, Inside>();
  return (places, grown) => {
    const made = known.get(grown);
    if (made) return made;
    const count = g.op('Max', [g.add(steps, g.scalar(grown)), g.scalar(1)]);
    const mask = g.op('Cast', [g.op('Less', [g.slice(place, [0], [places], [2]), count])], { to: 1 });
    known.set(grown, { mask, count });
    return { mask, count };
  };
}

function normalised(g: Builder, x: Value, inside: Inside | undefined): Value {
  const meanOf = (value: Value): Value =>
    inside
      ? g.op('Div', [g.reduceSum(g.mul(value, inside.mask), [2], true), inside.count])
      : g.reduce('ReduceMean', value, [2], true);
  // twice, for the mean of large values is off by more than equal ones differ
  const about = g.sub(x, meanOf(x));
  const centred = g.sub(about, meanOf(about));
  const deviation = g.op('Sqrt', [meanOf(g.mul(centred, centred))]);
  const z = g.op('Div', [centred, g.add(deviation, g.scalar(1e-8))]);
  return inside ? g.mul(z, inside.mask) : z;
}

/** [batch, kernels, places] */
function convolved(g: Builder, x: Value, channels: number, group: KernelGroup): Value {
  const { count, length, padding, dilation, weights, biases } = group;
  return g.op('Conv', [x, g.floats(weights, [count, channels, length]), g.floats(biases)], {
    kernel_shape: [length],
    dilations: [dilation],
    pads: [padding, padding],
  });
}

/** The share of positive values and the largest, each [batch, kernels]. */
function poolings(g: Builder, y: Value, inside: Inside | undefined): [Value, Value] {
  // 1 for every positive number that is not denormal: less time than a comparison and a cast
  const isPositive = g.op('HardSigmoid', [y], {
    alpha: { kind: 'float', value: 3e38 },
    beta: { kind: 'float', value: 0 },
  });
  if (!inside) return [g.reduce('ReduceMean', isPositive, [2]), g.reduce('ReduceMax', y, [2])];
  const positives = g.reduceSum(g.mul(isPositive, inside.mask), [2], true);
  const outside = g.mul(g.sub(inside.mask, g.scalar(1)), g.scalar(1e30));
  return [g.squeeze(g.op('Div', [positives, inside.count]), [2]), g.reduce('ReduceMax', g.add(y, outside), [2])];
}

/** Has the last node make `output`. */
function name(g: Builder, made: Value, output: Value): void {
  const node = g.nodes.pop()!;
  g.nodes.push({ ...node, outputs: node.outputs.map((value) => (value === made ? output : value)) });
}
