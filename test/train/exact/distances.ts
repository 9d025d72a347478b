/** How far trained weights are from those of the float64 network. */
import { floatsOf } from '../../../src/tensor/convert.js';
import type { Tensor } from '../../../src/tensor/tensor.js';
import type { Weights } from './fcn.js';

/** The largest difference of an element, by name of what was found; NaN where one is NaN. */
export function distances(found: ReadonlyMap<string, Tensor>, expected: Weights): Map<string, number> {
  return new Map(
    [...found].map(([name, tensor]) => {
      const own = expected.get(name)!.values;
      const values = floatsOf(tensor);
      if (values.length !== own.length)
        throw new Error(`${name}: expected ${own.length} numbers, got ${values.length}`);
      return [name, own.reduce((most, value, i) => Math.max(most, Math.abs(value - values[i]!)), 0)];
    }),
  );
}
