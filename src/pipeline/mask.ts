/** readMask: which elements of an example may move, from an .npy file. */
import { UserError } from '../errors.js';
import type { Space } from '../oracle/index.js';
import { loadNpy } from '../tensor/npy.js';
import { dataOf } from '../tensor/tensor.js';

/** 0 where an element must stay, [channels, positions]. @throws UserError when the array is neither one number a position nor one an element, or lets nothing move. */
export function readMask(path: string, { channels, positions, size }: Space): Uint8Array {
  const array = loadNpy(path);
  const values = Array.from(dataOf(array), Number);
  if (values.length !== positions && values.length !== size) {
    throw new UserError(
      path,
      `expected a mask of ${positions} positions${channels > 1 ? ` or ${size} elements` : ''}, got ${values.length} values; give one each`,
    );
  }
  if (!values.some((value) => value !== 0))
    throw new UserError(path, 'expected a mask with something other than 0, got zeros; mark what may change');
  return Uint8Array.from({ length: size }, (_, i) => Number(values[i % values.length] !== 0));
}
