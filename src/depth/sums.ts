/** Sums of two values: where something can be added to what goes past it. */
import { isDefaultDomain } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { sumPlaces } from '../regions/trunk.js';

export interface TwoSum {
  readonly node: Node;
  readonly operands: readonly [Value, Value];
  /** What is added up; absent where a fused norm keeps it to itself. */
  readonly sum: Value | undefined;
  /** Set for an op that adds and normalises in one. */
  readonly isFused: boolean;
}

/** Undefined for any other node. */
export function twoSumOf(node: Node): TwoSum | undefined {
  const { op, domain, inputs, outputs } = node;
  const [a, b] = inputs;
  if (!a || !b) return undefined;
  if (isDefaultDomain(domain) && /^(Add|Sum)$/.test(op) && inputs.length === 2)
    return { node, operands: [a, b], sum: outputs[0]!, isFused: false };
  const place = domain === 'com.microsoft' ? sumPlaces[op] : undefined;
  return place === undefined ? undefined : { node, operands: [a, b], sum: outputs[place] ?? undefined, isFused: true };
}
