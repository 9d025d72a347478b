/** MatMulNBits: a weight kept in blocks of few bits, unpacked by DequantizeLinear. */
import { unsupported } from '../errors.js';
import { describe, intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { dataOf, int64, memoryPayload, type Tensor, tensor } from '../tensor/tensor.js';
import type { Tape } from './tape.js';

interface Packed {
  readonly node: Node;
  readonly inner: number;
  readonly rows: number;
  readonly block: number;
  readonly blocks: number;
  readonly bits: number;
  /** Two bits have no element type that the runtime unpacks: they are kept in four. */
  readonly dtype: 'uint4' | 'uint8';
}

/**
 * A times B', where row n of B is (q - z) s, with a zero point z and a scale s for each block of q, or for the block that
 * `g_idx` names for a column. `accuracy_level` is not followed: at 4 the runtime's kernel rounds A to eight bits as well.
 */
export function expandMatMulNBits(g: Tape, node: Node): readonly Value[] {
  const [a, stored, scales, zeroPoints, order, bias] = node.inputs as (Value | null | undefined)[];
  const [inner, rows, block] = ['K', 'N', 'block_size'].map((name) => intAttr(node, name, 0)) as [
    number,
    number,
    number,
  ];
  const bits = intAttr(node, 'bits', 4);
  if (bits !== 2 && bits !== 4 && bits !== 8) {
    throw unsupported(
      describe(node),
      `expected weights of 2, 4 or 8 bits, got ${bits}, which the runtime refuses as well`,
    );
  }
  if (order && zeroPoints) {
    throw unsupported(
      describe(node),
      'g_idx beside zero points, which the runtime then leaves out; export it without one of them',
    );
  }
  const blocks = Math.ceil(inner / block);
  const layout: Packed = { node, inner, rows, block, blocks, bits, dtype: bits === 8 ? 'uint8' : 'uint4' };
  const weight = storedWeight(g, layout, stored as Value);
  const scale = g.reshape(scales as Value, [rows, blocks]);
  const isPlain = zeroPoints && g.isFloat(zeroPoints);
  const matrix =
    isPlain || order
      ? byColumn(g, layout, weight, scale, zeroPoints, order)
      : byBlock(g, layout, weight, scale, zeroPoints);
  const product = g.matmul(a as Value, g.transpose(matrix, [1, 0]));
  return [bias ? g.add(product, bias) : product];
}

function byBlock(g: Tape, layout: Packed, weight: Value, scale: Value, zeroPoints: Value | null | undefined): Value {
  const { inner, blocks, block } = layout;
  const zero = g.constant(zeroTensor(g, layout, zeroPoints));
  const whole = g.op('DequantizeLinear', [weight, scale, zero], { axis: 1, block_size: block });
  return blocks * block === inner ? whole : g.slice(whole, [0], [inner], [1]);
}

/** With zero points that are real numbers, or columns in an order of their own. */
function byColumn(
  g: Tape,
  layout: Packed,
  weight: Value,
  scale: Value,
  zeroPoints: Value | null | undefined,
  order: Value | null | undefined,
): Value {
  const { node, inner, rows, blocks, block } = layout;
  const one = g.num(node.inputs[2] as Value, 1);
  const whole = g.op('DequantizeLinear', [weight, one]);
  const columns = blocks * block === inner ? whole : g.slice(whole, [0], [inner], [1]);
  const own = Array.from({ length: inner }, (_, k) => Math.floor(k / block));
  const group = order ? g.cast(order, 'int64') : g.constant(int64([inner], own));
  const pick = (value: Value): Value => g.op('Gather', [value, group], { axis: 1 });
  const zero =
    zeroPoints && g.isFloat(zeroPoints)
      ? g.reshape(zeroPoints, [rows, blocks])
      : g.op('DequantizeLinear', [g.constant(zeroTensor(g, layout, zeroPoints)), one]);
  return g.mul(g.sub(columns, pick(zero)), pick(scale));
}

/** Rows are whole numbers of blocks, so that their nibbles are those of an ONNX tensor of 4 bits. */
function storedWeight(g: Tape, { node, rows, blocks, block, bits, dtype }: Packed, value: Value): Value {
  const stored = g.tensorOf(value);
  if (!stored) throw unsupported(describe(node), 'expected a stored weight, got a computed one; fold it');
  const shape = [rows, blocks * block];
  if (bits !== 2) return g.constant({ dtype, shape, payload: stored.payload });
  const source = dataOf(stored) as Uint8Array;
  const packed = new Uint8Array(Math.ceil((rows * blocks * block) / 2));
  for (const [i, byte] of source.entries()) {
    packed[2 * i] = (byte & 3) | ((byte & 12) << 2);
    packed[2 * i + 1] = ((byte >> 4) & 3) | ((byte >> 2) & 48);
  }
  return g.constant({ dtype, shape, payload: memoryPayload(packed) });
}

function zeroTensor(g: Tape, layout: Packed, value: Value | null | undefined): Tensor {
  const { node, rows, blocks, bits, dtype } = layout;
  const shape = [rows, blocks];
  if (!value) {
    const middle = 2 ** (bits - 1);
    const count = bits === 8 ? rows * blocks : Math.ceil((rows * blocks) / 2);
    return tensor(dtype, shape, new Uint8Array(count).fill(bits === 8 ? middle : middle * 17));
  }
  const stored = g.tensorOf(value);
  if (stored?.dtype !== 'uint8') {
    throw unsupported(describe(node), 'expected stored zero points of uint8; export the model with these');
  }
  return bits === 8 ? { ...stored, shape } : repacked(layout, dataOf(stored) as Uint8Array);
}

/** Rows of zero points start at a byte each; those of a tensor of 4 bits do not. */
function repacked({ rows, blocks, bits }: Packed, source: Uint8Array): Tensor {
  const each = 8 / bits;
  const pitch = Math.ceil(blocks / each);
  const packed = new Uint8Array(Math.ceil((rows * blocks) / 2));
  for (let i = 0; i < rows * blocks; i++) {
    const [row, column] = [Math.floor(i / blocks), i % blocks];
    const byte = source[row * pitch + Math.floor(column / each)] as number;
    const value = (byte >> (bits * (column % each))) & (2 ** bits - 1);
    packed[i >> 1]! |= value << (4 * (i & 1));
  }
  return { dtype: 'uint4', shape: [rows, blocks], payload: memoryPayload(packed) };
}
