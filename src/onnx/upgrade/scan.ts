/** Scan as it was in opset 8: over a batch of sequences. */
import { unsupported } from '../../errors.js';
import { attrs, describe } from '../../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../../ir/types.js';
import type { Upgrade } from './upgrade.js';

/**
 * Every input, states too, had a batch as its first axis, and each of the batch was scanned by itself: a Scan over the batch whose
 * body is a Scan over the sequence.
 */
export const Scan: Upgrade = {
  below: 9,
  apply: (node, context) => {
    const [lengths, ...inputs] = node.inputs;
    if (lengths) throw unsupported(describe(node), 'lengths of sequences left Scan in opset 9; export with opset 9');
    const given = inputs as readonly Value[];
    const each = (value: Value): Value => context.g.value(value.name, withoutBatch(value.type));
    const [taken, made] = [given.map(each), node.outputs.map((value) => context.g.value(value?.name ?? 'unused'))];
    const body: Graph = {
      name: context.g.value('sequence').name,
      inputs: taken,
      outputs: made,
      nodes: [overSequence(node, taken, made)],
      initializers: new Map(),
      opsets: new Map([['', context.opset]]),
      functions: [],
    };
    const { origin: _, ...rest } = node;
    return [
      { ...rest, inputs: given, attrs: attrs({ num_scan_inputs: given.length, body: { kind: 'graph', value: body } }) },
    ];
  },
};

function overSequence(node: Node, inputs: readonly Value[], outputs: readonly Value[]): Node {
  const { directions, body, num_scan_inputs } = node.attrs as Record<string, Node['attrs'][string]>;
  return {
    name: '',
    op: 'Scan',
    domain: '',
    inputs,
    outputs,
    attrs: attrs({ num_scan_inputs, body, ...(directions && { scan_input_directions: directions }) }),
  };
}

const withoutBatch = (type: TensorType | undefined): TensorType | undefined =>
  type?.shape ? { ...type, shape: type.shape.slice(1) } : type;
