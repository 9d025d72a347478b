/** Where activations become integers: inputs of products and convolutions, and what convolutions make. */
import { captures, consumers, subgraphs } from '../../ir/graph.js';
import { isDefaultDomain } from '../../ir/node.js';
import type { Graph, Node, Value } from '../../ir/types.js';
import { isPlainProduct } from './products.js';
import type { IntegerWeight } from './weights.js';

export interface Site {
  readonly node: Node;
  readonly weight: IntegerWeight;
  readonly data: Value;
}

/** The nodes that integer kernels of the CPU runtime compute; ConvTranspose, recurrent layers and the like have none. */
export function sitesOf(weights: readonly IntegerWeight[]): Map<Node, Site> {
  const sites = weights.flatMap((weight) =>
    weight.layer.uses
      .filter(({ node, input, dtype }) => {
        if (dtype !== 'float32' || weight.layer.dtype !== 'float32' || input !== 1) return false;
        return weight.form === 'stored' ? isConv(node) : isPlainProduct(node);
      })
      .map(({ node }): [Node, Site] => [node, { node, weight, data: node.inputs[0] as Value }]),
  );
  return new Map(sites);
}

export const isConv = ({ op, domain }: Node): boolean => op === 'Conv' && isDefaultDomain(domain);

/**
 * What convolutions make, behind a Relu or Clip that alone reads it: measured, the runtime computes a Conv in integers only where
 * what it makes is quantised for all who read it. A MatMul gives floats at no cost.
 */
export function convolutionOutputs(graph: Graph, sites: Iterable<Site>): Set<Value> {
  const readers = consumers(graph);
  const captured = new Set(graph.nodes.flatMap(subgraphs).flatMap(captures));
  const outputs = new Set<Value>();
  for (const { node } of sites) {
    if (!isConv(node)) continue;
    const y = node.outputs[0] as Value;
    const [reader, ...others] = readers.get(y) ?? [];
    const isClipped = reader && others.length === 0 && isClip(reader) && !graph.outputs.includes(y);
    const last = isClipped ? (reader.outputs[0] as Value) : y;
    if (!graph.outputs.includes(last) && !captured.has(last)) outputs.add(last);
  }
  return outputs;
}

const isClip = ({ op, domain }: Node): boolean => (op === 'Relu' || op === 'Clip') && isDefaultDomain(domain);
