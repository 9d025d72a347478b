/** matmul-nbits: weights of products in blocks of four or eight bits, by com.microsoft.MatMulNBits. */
import { unsupported } from '../errors.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { type Builder, builderFor } from '../ops/builder.js';
import type { Layer } from '../ops/layers.js';
import { readMatrices } from '../ops/matrices.js';
import type { OptionValues } from '../settings/index.js';
import { decode, encode, tensorOf } from '../tensor/convert.js';
import { storedBytes } from '../tensor/dtype.js';
import { tensor } from '../tensor/tensor.js';
import { checkFinite, chosenLayers, type Left } from './chosen-layers.js';
import { edit } from './edit.js';
import { type Blocks, quantiseBlocks } from './quantise/blockwise.js';
import { isPlainProduct } from './quantise/products.js';
import { isPlainMatrix } from './quantise/weights.js';
import { type ConvertedTensor, target } from './target.js';
import { weightError } from './weight-error.js';

const options = {
  bits: { default: '4', choices: ['4', '8'], about: 'of a weight' },
  block: { default: '32', choices: ['16', '32', '64', '128'], about: 'inputs that share a scale' },
  symmetric: { default: true, about: 'zero in the middle of the codes; else each block has a zero point' },
  scale: {
    default: 'mse',
    choices: ['max', 'mse'],
    about: 'of a block: its largest weight, or what a search finds to have the least squared error',
  },
  accuracy: {
    default: 4,
    from: 0,
    to: 4,
    whole: true,
    about:
      'accuracy_level, the least that the runtime computes in: 0 as it likes, 1 float32, 2 float16, 3 bfloat16, 4 int8',
  },
  tied: {
    default: 'leave',
    choices: ['leave', 'copy'],
    about:
      'a weight that Gather reads too: left, or packed beside the table, which costs bytes and makes the product quicker',
  },
} as const;

type Settings = OptionValues<typeof options>;

/** The contrib op of ONNX Runtime: y = x Wᵀ with W of [outputs, inputs] in blocks along the inputs. Zero has a code of its own. */
export const matMulNBits = target({
  name: 'matmul-nbits',
  summary: 'weights of MatMul and Gemm in blocks of four or eight bits, for ONNX Runtime (com.microsoft.MatMulNBits)',
  writes: 'onnx',
  options,
  trials: [{ bits: '4' }, { bits: '8' }],
  async convert(task, settings) {
    const { model } = task;
    const { graph } = model;
    const { layers, left } = chosenLayers(graph, task);
    const isMatrix = isPlainMatrix(graph);
    const packed: PackedLayer[] = [];
    for (const layer of layers) {
      task.signal.throwIfAborted();
      const made = refusal(layer, isMatrix, settings) ?? packedLayer(layer, settings);
      if (typeof made === 'string') left.add(layer.name, made);
      else packed.push(made);
    }
    if (packed.length === 0) {
      throw unsupported(
        'matmul-nbits',
        `expected weights of MatMul or Gemm, at least a block of inputs each, found none (${left.first}); choose int8 for convolutions`,
      );
    }
    return {
      made: { kind: 'model', model: { ...model, graph: exchanged(graph, packed, settings) } },
      tensors: packed.map(({ tensor }) => tensor),
      notes: notesOf(packed, left),
    };
  },
});

interface PackedLayer {
  readonly layer: Layer;
  readonly blocks: Blocks;
  readonly tensor: ConvertedTensor;
}

function refusal(layer: Layer, isMatrix: (layer: Layer) => boolean, { tied }: Settings): string | undefined {
  if (layer.quantization) return 'the model dequantises it already';
  if (!isMatrix(layer) || !layer.uses.every(({ node }) => isPlainProduct(node))) {
    return 'it is not the right side of a plain MatMul or Gemm everywhere';
  }
  if (layer.dtype !== 'float32' && layer.dtype !== 'float16') return `it is stored as ${layer.dtype}`;
  if (layer.uses.some(({ data }) => data?.type?.shape?.length === 1)) return 'it multiplies a vector';
  return layer.role === 'embedding-tied' && tied === 'leave'
    ? 'Gather reads it too, so that a packed copy would only cost bytes; tied=copy makes one'
    : undefined;
}

/** What a node and the names of its tensors take in a file, about. */
const bytesOfNode = 160;

function packedLayer(layer: Layer, { bits, block, symmetric, scale }: Settings): PackedLayer | string {
  const { name, layout, dtype, stored } = layer;
  const values = readMatrices(layer);
  checkFinite(name, values);
  const blocks = quantiseBlocks(values, {
    rows: layout.rows,
    columns: layout.columns,
    bits: Number(bits) as 4 | 8,
    block: Number(block),
    isSymmetric: symmetric,
    scale,
    round: dtype === 'float32' ? Math.fround : (each) => decode(dtype, encode(dtype, Float32Array.of(each)), 1)[0]!,
  });
  const before = stored.payload.byteLength;
  const packed = blocks.packed.length + storedBytes(dtype, blocks.scales.length) + (blocks.zeroPoints?.length ?? 0);
  const isTied = layer.role === 'embedding-tied';
  if (!isTied && packed + bytesOfNode >= before) return 'scales, padding and names take what the bits save';
  const tensor = {
    name,
    from: dtype,
    to: `${symmetric ? 'int' : 'uint'}${bits} in blocks of ${block}`,
    bytes: { before, after: isTied ? before + packed : packed },
    error: weightError(values, blocks.decoded),
  };
  return { layer, blocks, tensor };
}

function exchanged(graph: Graph, packed: readonly PackedLayer[], settings: Settings): Graph {
  const g = builderFor(graph, 'nbits');
  const byNode = new Map(packed.flatMap((each) => each.layer.uses.map(({ node }) => [node, each] as const)));
  const inputs = new Map<PackedLayer, readonly (Value | null)[]>();
  const exchange = (node: Node): Node => {
    const own = byNode.get(node);
    if (!own) return node;
    if (!inputs.has(own)) inputs.set(own, constants(g, own));
    const attributes = attributesOf(own, settings);
    const bias = node.op === 'Gemm' ? node.inputs[2] : null;
    const weight = inputs.get(own)!;
    const made = g.ops('MatMulNBits', [node.inputs[0]!, ...weight], 1, attributes, 'com.microsoft')[0] as Value;
    const product = g.nodes.pop()!;
    const last = { name: node.name, outputs: node.outputs };
    if (!bias) return { ...product, ...last };
    g.nodes.push(product);
    return { ...last, op: 'Add', domain: '', inputs: [made, bias], attrs: {} };
  };
  const gone = packed.map(({ layer }) => layer.weight);
  const opsets = new Map([...graph.opsets, ['com.microsoft', graph.opsets.get('com.microsoft') ?? 1] as const]);
  return { ...edit(graph, g, exchange, gone), opsets };
}

function constants(g: Builder, { layer, blocks }: PackedLayer): (Value | null)[] {
  const { packed, scales, zeroPoints } = blocks;
  const { rows } = layer.layout;
  const count = scales.length / rows;
  const codes = g.constant(tensor('uint8', [rows, count, packed.length / scales.length], packed), layer.name);
  const scale = g.constant(tensorOf(layer.dtype, [scales.length], scales), `${layer.name}/scales`);
  if (!zeroPoints) return [codes, scale];
  return [codes, scale, g.constant(tensor('uint8', [zeroPoints.length], zeroPoints), `${layer.name}/zero_points`)];
}

const attributesOf = ({ layer }: PackedLayer, { bits, block, accuracy }: Settings) => ({
  K: layer.layout.columns,
  N: layer.layout.rows,
  bits: Number(bits),
  block_size: Number(block),
  accuracy_level: accuracy,
});

function notesOf(packed: readonly PackedLayer[], left: Left): string[] {
  const tied = packed.filter(({ layer }) => layer.role === 'embedding-tied');
  const cost = tied.reduce((sum, { tensor }) => sum + tensor.bytes.after - tensor.bytes.before, 0);
  const copies =
    tied.length > 0 ? [`${tied.length} tables that Gather reads stay, and their packed copies cost ${cost} bytes`] : [];
  return ['MatMulNBits is an op of ONNX Runtime: other runtimes may not know it', ...copies, ...left.notes];
}
