/** How many positions a model knows, read off the table of its learned positions. */
import { producers } from '../ir/graph.js';
import { presentInputs } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';

/** Ops that positions pass between their origin and the table. */
const carries = new Set(['Add', 'Cast', 'Expand', 'Identity', 'Reshape', 'Slice', 'Squeeze', 'Sub', 'Unsqueeze']);

/**
 * Rows of the smallest table that a Gather looks positions up in: numbers from a Range, from the input of positions, or from a stored
 * row of integers. Undefined for models that compute their positions, such as rotary ones.
 * @param positions the input of position ids, if there is one.
 */
export function contextLength(graph: Graph, positions?: Value): number | undefined {
  const makers = producers(graph);
  const lengths = graph.nodes.flatMap((node) => {
    const [table, indices] = node.inputs;
    const stored = node.op === 'Gather' && table ? graph.initializers.get(table) : undefined;
    return stored?.shape.length === 2 && indices && isPosition(indices, graph, makers, positions)
      ? [stored.shape[0] as number]
      : [];
  });
  return lengths.length > 0 ? Math.min(...lengths) : undefined;
}

function isPosition(value: Value, graph: Graph, makers: ReadonlyMap<Value, Node>, positions?: Value): boolean {
  const reached = [value];
  for (const current of reached) {
    if (current === positions) return true;
    const maker = makers.get(current);
    const stored = graph.initializers.get(current) ?? constantOf(maker);
    if (maker?.op === 'Range' || (stored && isRow(stored))) return true;
    if (maker && carries.has(maker.op)) {
      for (const input of presentInputs(maker).slice(0, maker.op === 'Add' || maker.op === 'Sub' ? 2 : 1)) {
        if (!reached.includes(input)) reached.push(input);
      }
    }
  }
  return false;
}

function constantOf(node: Node | undefined): Tensor | undefined {
  const value = node?.op === 'Constant' ? node.attrs.value : undefined;
  return value?.kind === 'tensor' ? value.value : undefined;
}

/** Shorter rows of integers are axes and shapes. */
const shortestRow = 16;

const isRow = ({ dtype, shape }: Tensor): boolean => dtype === 'int64' && (shape.at(-1) ?? 0) >= shortestRow;
