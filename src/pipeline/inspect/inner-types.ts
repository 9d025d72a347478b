/** Types of the values inside a model, for reading: the runtime tells them, and is loaded with this file. */
import { UserError } from '../../errors.js';
import type { Graph, TensorType, Value } from '../../ir/types.js';
import { annotateSymbolic } from '../../runtime/annotate.js';
import { flatCopy } from '../working-copy.js';

/** By name, symbols kept where the runtime can follow them; nothing where it refuses the model. */
export async function innerTypes(graph: Graph): Promise<ReadonlyMap<string, TensorType>> {
  const types = await annotateSymbolic(flatCopy(graph)).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    return new Map<Value, TensorType>();
  });
  return new Map([...types].map(([{ name }, type]) => [name, type]));
}
