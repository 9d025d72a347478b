/** Nodes that take means, with means over some positions only: what a graph without the others computes. */
import { floatAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { Builder } from './builder.js';

export interface KeptAlong {
  /** 1 where a position counts, in a shape that is broadcast to the input's. */
  readonly kept: Value;
  /** All positions over those that count. */
  readonly factor: Value;
  readonly axis: number;
}

/** Of the node's outputs, in their order. @param kept by the input's types. */
export function meansOfKept(g: Builder, node: Node, { kept, factor, axis }: KeptAlong): readonly (Value | null)[] {
  const x = node.inputs[0]!;
  if (node.op === 'ReduceMean') {
    const mean = g.op('ReduceMean', [g.mul(x, kept), ...node.inputs.slice(1)], node.attrs);
    return [g.mul(mean, factor)];
  }
  const [, scale, bias] = node.inputs;
  const meanOf = (value: Value): Value => g.mul(g.reduce('ReduceMean', g.mul(value, kept), [axis], true), factor);
  const mean = meanOf(x);
  const apart = g.sub(x, mean);
  const epsilon = g.op('CastLike', [g.scalar(floatAttr(node, 'epsilon', 1e-5)), x]);
  const inverse = g.op('Reciprocal', [g.op('Sqrt', [g.add(meanOf(g.mul(apart, apart)), epsilon)])]);
  const scaled = g.mul(g.mul(apart, inverse), scale!);
  return [bias ? g.add(scaled, bias) : scaled, mean, inverse];
}
