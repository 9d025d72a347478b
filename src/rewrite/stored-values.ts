/** storedValues: what of a graph `bake` can replace in its place, by name: initializers and outputs of Constant nodes. */
import type { Graph, Value } from '../ir/types.js';

export const storedValues = ({ initializers, nodes }: Graph): Map<string, Value> =>
  new Map(
    [...initializers.keys(), ...nodes.flatMap(({ op, outputs: [y] }) => (op === 'Constant' && y ? [y] : []))].map(
      (value) => [value.name, value] as const,
    ),
  );
