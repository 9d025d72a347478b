/** Stages: what stands for blocks in a plain chain of convolutions. */
import { intAttr, intsAttr } from '../ir/node.js';
import type { Node } from '../ir/types.js';
import type { Flow } from './flow.js';
import type { Piece } from './structure.js';

type Block = readonly Piece[];

/** Ops that change the size of a picture or series: a stage ends with one. */
const resizing = new Set([
  ...['MaxPool', 'AveragePool', 'LpPool', 'GlobalMaxPool', 'GlobalAveragePool', 'GlobalLpPool', 'Resize', 'Upsample'],
  ...['DepthToSpace', 'SpaceToDepth', 'Flatten'],
]);

/**
 * Joins single convolutions that follow one another: those at one size and with as many channels are a stage, and one that
 * filters each channel by itself belongs to the one behind it that mixes them. Other blocks stay as they are.
 */
export function joinStages(flow: Flow, blocks: readonly Block[]): Block[] {
  const stages: Block[] = [];
  let last: Convolution | undefined;
  for (const block of blocks) {
    const next = convolutionOf(flow, block);
    if (last && next && continues(last, next)) stages.push([...stages.pop()!, ...block]);
    else stages.push(block);
    last = next;
  }
  return stages;
}

interface Convolution {
  readonly channels: number;
  /** Whether each channel is filtered by itself. */
  readonly isDepthwise: boolean;
  readonly isPointwise: boolean;
  readonly isStrided: boolean;
  /** Whether a pooling follows. */
  readonly endsStage: boolean;
}

function continues(last: Convolution, next: Convolution): boolean {
  if (last.endsStage || next.isStrided) return false;
  if (last.isDepthwise) return next.isPointwise;
  return !next.isDepthwise && !last.isPointwise && next.channels === last.channels;
}

/** What a block is that consists of one convolution and what follows it, with nothing passing by. */
function convolutionOf(flow: Flow, [piece, ...others]: Block): Convolution | undefined {
  const node = piece && others.length === 0 ? onlyConvolution(flow, piece) : undefined;
  if (!piece || !node) return undefined;
  const [channels = 0, , ...kernel] = piece.layers[0]!.stored.shape;
  const group = intAttr(node, 'group', 1);
  return {
    channels,
    isDepthwise: group > 1 && group === channels,
    isPointwise: kernel.every((size) => size === 1),
    isStrided: intsAttr(node, 'strides')?.some((stride) => stride > 1) ?? false,
    endsStage: piece.nodes.some(({ op }) => resizing.has(op)),
  };
}

function onlyConvolution(flow: Flow, { kind, layers, nodes }: Piece): Node | undefined {
  const [use, ...others] = layers.flatMap(({ uses }) => uses);
  const isChain = nodes.every(
    (node) => flow.reads.get(node)!.filter((value) => flow.kinds.get(value) === 'data').length < 2,
  );
  const isPlain = kind === 'conv' && others.length === 0 && /^(Fused)?Conv$/.test(use?.node.op ?? '');
  return isChain && isPlain ? use?.node : undefined;
}
