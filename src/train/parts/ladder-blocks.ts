/** The blocks of a network that is a ladder: convolution and BatchNormalization, one after the other, and a linear layer at the end. */
import { unsupported } from '../../errors.js';
import { consumers, producers } from '../../ir/graph.js';
import { intAttr, intsAttr } from '../../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../../ir/types.js';

/** One rung: what a BatchNormalization reads and makes. */
export interface Block {
  readonly before: Value;
  readonly after: Value;
  readonly channels: number;
  readonly length: number;
  readonly kernel: number;
  /** How many steps the convolution adds in front and behind. */
  readonly pads: readonly [number, number];
}

/** From the input to the last. @throws UserError (exit 3) for a network that is none. */
export function ladderBlocks(graph: Graph, types: ReadonlyMap<Value, TensorType>): Block[] {
  const makers = producers(graph);
  const blocks = graph.nodes
    .filter(({ op }) => op === 'BatchNormalization')
    .map((norm) => blockOf(norm, makers, types));
  const [input] = graph.inputs;
  let at = input as Value;
  for (const { conv, after } of blocks) {
    if (behindActivation(at, graph) !== conv.inputs[0] && conv.inputs[0] !== at)
      throw refusal(`'${conv.name}' not behind the block before it`);
    at = after;
  }
  if (blocks.length === 0) throw refusal('no BatchNormalization behind a convolution');
  return blocks;
}

function blockOf(
  norm: Node,
  makers: ReadonlyMap<Value, Node>,
  types: ReadonlyMap<Value, TensorType>,
): Block & { conv: Node } {
  const [before, after] = [norm.inputs[0] as Value, norm.outputs[0] as Value];
  const conv = makers.get(before);
  const [, channels, length] = types.get(after)?.shape ?? [];
  const [kernel = 1] = (conv && intsAttr(conv, 'kernel_shape')) ?? [
    types.get(conv?.inputs[1] as Value)?.shape?.[2] as number,
  ];
  const [stride = 1] = (conv && intsAttr(conv, 'strides')) ?? [];
  const [dilation = 1] = (conv && intsAttr(conv, 'dilations')) ?? [];
  const fits =
    conv?.op === 'Conv' &&
    stride === 1 &&
    dilation === 1 &&
    intAttr(conv, 'group', 1) === 1 &&
    typeof channels === 'number' &&
    typeof length === 'number';
  if (!fits) throw refusal(`'${norm.name}' behind ${conv?.op ?? 'the input'}`);
  const [front = 0, back = 0] = intsAttr(conv, 'pads') ?? [];
  return { before, after, conv, channels, length, kernel, pads: [front, back] };
}

/** The value itself, or what the one activation that reads it makes. */
function behindActivation(value: Value, graph: Graph): Value | undefined {
  const [reader, ...others] = consumers(graph).get(value) ?? [];
  return reader && others.length === 0 ? (reader.outputs[0] ?? undefined) : undefined;
}

const refusal = (got: string): Error =>
  unsupported(
    'ladder',
    `expected blocks of convolution (stride 1) and BatchNormalization in a row, got ${got}; take the backbone fcn`,
  );
