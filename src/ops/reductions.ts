/** Gradient rules of reductions. */
import type { Value } from '../ir/types.js';
import type { OpDef } from './op.js';
import { spread } from './reduced.js';

export const ReduceSum: OpDef = { vjp: (g, [dy], node) => [spread(g, dy as Value, node)] };
