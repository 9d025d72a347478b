/** Something to feed a graph with, of the sizes it was looked at with. */
import type { Flows } from '../../src/groups/flows.js';
import { feeds } from '../../src/ir/graph.js';
import { random } from '../../src/tensor/random.js';
import { float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';

/** Noise for numbers, small integers for tokens. */
export function fed({ graph, axes }: Flows): ReadonlyMap<string, Tensor> {
  return new Map(
    feeds(graph).map((value, i) => {
      const shape = axes.get(value)!.map(({ size }) => size);
      const count = shape.reduce((all, size) => all * size, 1);
      const numbers = random(i, value.name);
      const dtype = value.type!.dtype;
      if (dtype === 'int64')
        return [
          value.name,
          int64(
            shape,
            Array.from({ length: count }, (_, k) => (7 * k + 3) % 11),
          ),
        ];
      if (dtype === 'int32')
        return [
          value.name,
          tensor(
            'int32',
            shape,
            Int32Array.from({ length: count }, (_, k) => (7 * k + 3) % 11),
          ),
        ];
      return [value.name, float32(shape, Float32Array.from(numbers.normals(count)))];
    }),
  );
}
