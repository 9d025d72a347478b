/** inDouble: a graph in float64 that runs whole, for differences that are sharp. */
import { isDefaultDomain } from '../ir/node.js';
import { double } from './double.js';
import * as elementwise from './equivalents/elementwise.js';
import type { Equivalent } from './equivalents/equivalent.js';
import * as layers from './equivalents/layers.js';
import * as recurrent from './equivalents/recurrent.js';
import * as windows from './equivalents/windows.js';
import type { Prepared } from './prepare.js';
import { replaceNodes } from './replace-nodes.js';

/** Ops for which the runtime has no float64 kernel, or one that computes in float32, by ops that have one. */
export const equivalents: Readonly<Record<string, Equivalent>> = {
  ...elementwise,
  ...windows,
  ...layers,
  ...recurrent,
};

/**
 * `prepared` in float64. Ops for which the runtime has float32 kernels only are written out in others: as exact and slower, and
 * independent of the gradient rules that they help to check. Sizes have to be fixed.
 * @throws UserError (exit 3) where a size that is needed is not fixed. Compiling what is returned fails (exit 3) where an op has
 * neither a kernel nor an equivalent.
 */
export function inDouble(prepared: Prepared): Prepared {
  const { graph, types } = double(prepared);
  return {
    graph: replaceNodes(graph, types, ({ op, domain }) =>
      isDefaultDomain(domain) && Object.hasOwn(equivalents, op) ? equivalents[op] : undefined,
    ),
    types,
  };
}
