/** decodeWeights: the dense weights of a file that a target of tensors wrote. */
import type { Tensor } from '../tensor/tensor.js';

/** @param metadata of the file, which says how its tensors are to be read. */
export const decodeWeights = (
  tensors: ReadonlyMap<string, Tensor>,
  _metadata: ReadonlyMap<string, string>,
): Map<string, Tensor> => new Map(tensors);
