/** Gradient rules of ops that only arrange elements anew. */
import type { Value } from '../ir/types.js';
import type { OpDef } from './op.js';

/** The same elements in the same order. */
const sameOrder: OpDef = { vjp: (g, [dy], node) => [g.reshapeAs(dy as Value, node.inputs[0] as Value)] };

export const Reshape = sameOrder;
export const Squeeze = sameOrder;
export const Unsqueeze = sameOrder;
export const Flatten = sameOrder;
