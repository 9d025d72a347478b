/** MatMulNBits: a weight kept in blocks of few bits, unpacked by DequantizeLinear. */
import { unsupported } from '../errors.js';
import { describe, intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { dataOf, memoryPayload, type Tensor, tensor } from '../tensor/tensor.js';
import type { Tape } from './tape.js';

/** A times B', where row n of B is (q - z) s, with a zero point z and a scale s for each block of q. */
export function expandMatMulNBits(g: Tape, node: Node): readonly Value[] {
  const [a, packed, scales, zeroPoints, order, bias] = node.inputs as (Value | null | undefined)[];
  const refuse = (what: string): never => {
    throw unsupported(describe(node), `its expansion does not know ${what}; export the model without`);
  };
  const [inner, rows, block] = ['K', 'N', 'block_size'].map((name) => intAttr(node, name, 0)) as [
    number,
    number,
    number,
  ];
  const bits = intAttr(node, 'bits', 4);
  if (order) refuse('g_idx');
  if (bits !== 4 && bits !== 8) refuse(`weights of ${bits} bits`);
  const dtype = bits === 4 ? 'uint4' : 'uint8';
  const blocks = Math.ceil(inner / block);
  const stored = g.tensorOf(packed) ?? refuse('a weight that is computed');
  // a row is a whole number of blocks, so that its nibbles are those of an ONNX tensor of 4 bits
  const weight = g.constant({ dtype, shape: [rows, blocks * block], payload: stored.payload });
  const scale = g.reshape(scales as Value, [rows, blocks]);
  const centre = zeroPoints ? readZeroPoints(g, node, zeroPoints, rows, blocks, bits) : undefined;
  const zero = g.constant(centre ?? filled(dtype, [rows, blocks], bits));
  const whole = g.op('DequantizeLinear', [weight, scale, zero], { axis: 1, block_size: block });
  const unpacked = blocks * block === inner ? whole : g.slice(whole, [0], [inner], [1]);
  const product = g.matmul(a as Value, g.transpose(unpacked, [1, 0]));
  return [bias ? g.add(product, bias) : product];
}

function filled(dtype: 'uint4' | 'uint8', shape: readonly number[], bits: 4 | 8 | number): Tensor {
  const count = Math.ceil(((shape[0] as number) * (shape[1] as number) * bits) / 8);
  return tensor(dtype, shape, new Uint8Array(count).fill(bits === 4 ? 0x88 : 0x80));
}

/** Rows of zero points start at a byte each; those of a tensor of 4 bits do not. */
function readZeroPoints(g: Tape, node: Node, value: Value, rows: number, blocks: number, bits: number): Tensor {
  const stored = g.tensorOf(value);
  if (stored?.dtype !== 'uint8') {
    throw unsupported(describe(node), 'expected stored zero points of uint8; export the model with these');
  }
  if (bits === 8) return { ...stored, shape: [rows, blocks] };
  const source = dataOf(stored) as Uint8Array;
  const pitch = Math.ceil(blocks / 2);
  const packed = new Uint8Array(Math.ceil((rows * blocks) / 2));
  for (let i = 0; i < rows * blocks; i++) {
    const [row, column] = [Math.floor(i / blocks), i % blocks];
    const nibble = (source[row * pitch + (column >> 1)]! >> (4 * (column & 1))) & 15;
    packed[i >> 1]! |= nibble << (4 * (i & 1));
  }
  return { dtype: 'uint4', shape: [rows, blocks], payload: memoryPayload(packed) };
}
