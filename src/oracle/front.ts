/** front: a network that takes examples as attacks see them, [channels, height, width] in the attack's range. */
import type { Dimension, Graph, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import { substitute } from '../rewrite/substitute.js';
import { type Bounds, type Range, scalingOf } from './bounds.js';
import type { Network } from './network.js';

export interface Front {
  readonly graph: Graph;
  /** Float32 [batch, channels, height, width]. */
  readonly example: Value;
  readonly logits: Value;
  /** The batch axis: a number where the model fixes it. */
  readonly batch: Dimension;
}

/** Scale, order of axes and shape are nodes before the network, so that gradients arrive in the attack's range. */
export function frontOf({ graph, moving, sizes, space, logits }: Network, bounds: Bounds, range: Range): Front {
  const { channels, height, width, size, channelsLast } = space;
  const g = builderFor(graph, 'front');
  const batch = moving.type?.shape?.[0] ?? 'batch';
  const shape = [channels, height, width];
  const example = g.value('example', { dtype: 'float32', shape: [batch, ...shape] });
  const { scale, shift } = scalingOf(bounds, range);
  const constant = (values: Float32Array): Value => {
    const isOne = values.every((value) => value === values[0]);
    return isOne ? g.scalar(values[0]!) : g.floats(values, shape);
  };
  const scaled = scale.every((value) => value === 1) ? example : g.mul(example, constant(scale));
  const shifted = shift.every((value) => value === 0) ? scaled : g.add(scaled, constant(shift));
  const turned = channelsLast ? g.transpose(shifted, [0, 2, 3, 1]) : shifted;
  const isShaped = sizes.length === 3 && size > 0;
  const fed = isShaped ? turned : g.reshape(turned, [typeof batch === 'number' ? batch : -1, ...sizes]);
  const behind = substitute(graph, (value) => (value === moving ? fed : value));
  const others = graph.inputs.filter((value) => value !== moving && !graph.initializers.has(value));
  return {
    graph: {
      ...behind,
      inputs: [example, ...others],
      nodes: [...g.nodes, ...behind.nodes],
      initializers: new Map([...g.initializers, ...behind.initializers]),
    },
    example,
    logits,
    batch,
  };
}
