/** What stands for a node that has no float64 kernel. */
import { unsupported } from '../../errors.js';
import { describe } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import type { Tape } from '../../ops/tape.js';

/** Emits ops with float64 kernels that compute the outputs of a node; its inputs and outputs have types with fixed sizes. */
export type Equivalent = (g: Tape, node: Node) => readonly (Value | null)[];

/** @throws UserError (exit 3) where a size is not fixed. */
export function fixedSizes(g: Tape, x: Value, node: Node): readonly number[] {
  const sizes = g.sizes(x);
  if (!sizes) throw unsupported(describe(node), `expected fixed sizes for '${x.name}' in float64; specialize them`);
  return sizes;
}

/** 0, ..., count - 1 */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

export const product = (factors: readonly number[]): number => factors.reduce((a, b) => a * b, 1);
