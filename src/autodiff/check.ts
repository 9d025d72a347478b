/** checkGradient: a wrong rule is found where it is wrong. */

import { describe } from '../ir/node.js';
import { printType } from '../ir/print.js';
import type { TensorType } from '../ir/types.js';
import { annotate } from '../runtime/annotate.js';
import type { Gradient } from './grad.js';

/**
 * Asks the runtime for the type of every cotangent, and compares it with that of the input it belongs to.
 * @param dims sizes for symbolic dimensions; those not named are chosen.
 * @throws Error naming the op whose rule gave a cotangent of another type or shape.
 */
export async function checkGradient(
  { graph, flows }: Gradient,
  dims: Readonly<Record<string, number>> = {},
): Promise<void> {
  const types = await annotate(graph, dims);
  for (const { node, input, cotangent } of flows) {
    const [wanted, got] = [types.get(input), types.get(cotangent)];
    if (!wanted || !got || agree(wanted, got)) continue;
    throw new Error(
      `${describe(node)}: expected a gradient of ${printType(wanted)} for '${input.name}', got ${printType(got)} in '${cotangent.name}'; mend the rule in src/ops`,
    );
  }
}

const agree = (a: TensorType, b: TensorType): boolean =>
  a.dtype === b.dtype &&
  (!a.shape ||
    !b.shape ||
    (a.shape.length === b.shape.length &&
      a.shape.every(
        (size, axis) => typeof size !== 'number' || typeof b.shape![axis] !== 'number' || size === b.shape![axis],
      )));
