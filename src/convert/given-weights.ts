/** givenWeights: values of a file for the weights of a model, by name and in the model's own types. */
import { UserError } from '../errors.js';
import type { Graph, Value } from '../ir/types.js';
import { floatsOf, isConvertible, tensorOf } from '../tensor/convert.js';
import type { Tensor } from '../tensor/tensor.js';
import { constantWeights, storedWeights } from './weights.js';

/** @param where starts the errors. @throws UserError for a name that the model does not have, and for another shape. */
export function givenWeights(graph: Graph, given: ReadonlyMap<string, Tensor>, where: string): Map<Value, Tensor> {
  const stored = new Map(
    [...storedWeights(graph), ...constantWeights(graph)].map(({ value, tensor }) => [value.name, { value, tensor }]),
  );
  const made = new Map<Value, Tensor>();
  for (const [name, t] of given) {
    const known = stored.get(name);
    if (!known) {
      const some = [...stored.keys()].slice(0, 3).map((each) => `'${each}'`);
      throw new UserError(
        where,
        `expected names of weights such as ${some.join(', ')}, got '${name}'; the file is another model's`,
      );
    }
    made.set(known.value, fitted(t, known.tensor, `${where}: '${name}'`));
  }
  return made;
}

/** In the type that the model has it in. */
function fitted(given: Tensor, { dtype, shape }: Tensor, where: string): Tensor {
  if (String(given.shape) !== String(shape))
    throw new UserError(where, `expected shape [${shape}], got [${given.shape}]; the file is another model's`);
  if (given.dtype === dtype) return given;
  if (isConvertible(given.dtype) && isConvertible(dtype)) return tensorOf(dtype, shape, floatsOf(given));
  throw new UserError(where, `expected ${dtype}, got ${given.dtype}; write the file in that type`);
}
