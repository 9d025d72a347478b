/** Which values of a model are its weights, in the sense of `--wrt weights`. */
import { isDefaultDomain } from '../ir/node.js';
import type { Graph, Value } from '../ir/types.js';
import { isFloat } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * Float initializers and constants of rank 1 and more, but for the running statistics of BatchNormalization. Whether a gradient
 * reaches them is not asked here.
 */
export function weightsOf(graph: Graph): Value[] {
  const statistics = new Set(
    graph.nodes
      .filter(({ op, domain }) => op === 'BatchNormalization' && isDefaultDomain(domain))
      .flatMap(({ inputs }) => inputs.slice(3)),
  );
  const constants = graph.nodes.flatMap(({ op, outputs, attrs: { value } }): [Value, Tensor][] =>
    op === 'Constant' && outputs[0] && value?.kind === 'tensor' ? [[outputs[0], value.value]] : [],
  );
  return [...graph.initializers, ...constants]
    .filter(([value, { dtype, shape }]) => isFloat(dtype) && shape.length > 0 && !statistics.has(value))
    .map(([value]) => value);
}
