/** Weights in Constant nodes become initializers: what moves has to be one. */
import type { Graph, Value } from '../../ir/types.js';
import { isFloat } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';

/** The same graph with the float Constants of rank 1 and more as initializers; values stay the same objects. */
export function constantsHeld(graph: Graph): Graph {
  const held = new Map<Value, Tensor>();
  const nodes = graph.nodes.filter(({ op, outputs: [value], attrs }) => {
    const t = op === 'Constant' && attrs.value?.kind === 'tensor' ? attrs.value.value : undefined;
    if (!t || !value || !isFloat(t.dtype) || t.shape.length === 0) return true;
    held.set(value, t);
    return false;
  });
  return held.size === 0 ? graph : { ...graph, nodes, initializers: new Map([...graph.initializers, ...held]) };
}
