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
 * What all readers get rounded: what a Conv makes, behind a Relu or Clip that alone reads it, and a Relu or Clip that a single node
 * reads behind a product. Measured: the runtime computes these in floats otherwise. Other products give floats at no cost.
 */
export function roundedOutputs(graph: Graph, sites: Iterable<Site>): Set<Value> {
  const readers = consumers(graph);
  const captured = new Set(graph.nodes.flatMap(subgraphs).flatMap(captures));
  const isInner = (value: Value): boolean => !graph.outputs.includes(value) && !captured.has(value);
  /** The node that alone reads a value. */
  const behind = (value: Value): Node | undefined => {
    const found = readers.get(value) ?? [];
    return found.length === 1 && isInner(value) ? found[0] : undefined;
  };
  const outputs = new Set<Value>();
  for (const site of sites) {
    const y = site.node.outputs[0] as Value;
    const next = behind(y);
    // the runtime joins MatMul and Add
    const clip = next && !isConv(site.node) && isAdd(next) ? behind(next.outputs[0] as Value) : next;
    const clipped = clip && isClip(clip) ? (clip.outputs[0] as Value) : undefined;
    const last = isConv(site.node) ? (clipped ?? y) : clipped && behind(clipped) ? clipped : undefined;
    if (last && isInner(last)) outputs.add(last);
  }
  return outputs;
}

export const isAdd = ({ op, domain }: Node): boolean => op === 'Add' && isDefaultDomain(domain);

const isClip = ({ op, domain }: Node): boolean => (op === 'Relu' || op === 'Clip') && isDefaultDomain(domain);
