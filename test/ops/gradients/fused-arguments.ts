/** What rows of fused ops are written with: attributes, fixed tensors, and what a row may say. */
import type { AttrInput } from '../../../src/ir/node.js';
import type { Dimension } from '../../../src/ir/types.js';
import { random } from '../../../src/tensor/random.js';
import { float32, type Tensor, tensor } from '../../../src/tensor/tensor.js';
import type { WholeOptions } from './whole.js';

export const microsoft = 'com.microsoft';
export const text = (value: string): AttrInput => value;
export const float = (value: number): AttrInput => ({ kind: 'float', value });
export const floats = (...value: number[]): AttrInput => ({ kind: 'floats', value });
export const int32 = (shape: readonly number[], ...values: number[]): Tensor =>
  tensor('int32', shape, Int32Array.from(values));

/** The shape of what is differentiated, a tensor that is fixed, or nothing. */
export type Argument = readonly Dimension[] | Tensor | null;

export interface RowOptions extends WholeOptions {
  readonly attrs?: Readonly<Record<string, AttrInput>>;
  /** Outputs that are compared; null for one that the node is not asked for. Default one. */
  readonly outputs?: readonly (true | null)[];
  readonly domain?: string;
  /** Not with symbolic sizes: it depends on them. */
  readonly isFixed?: boolean;
}

export type Row = readonly [op: string, args: readonly Argument[], options?: RowOptions];

export const heads = { num_heads: 2 };

export function packed(shape: readonly number[], seed: number): Tensor {
  const draw = random(seed, 'packed');
  const count = shape.reduce((a, b) => a * b, 1);
  const bytes = Uint8Array.from({ length: count }, (_, i) => Math.floor(256 * draw.uniform(i)));
  return tensor('uint8', shape, bytes);
}

/** Cosines and sines of rotary embeddings. */
export const cachesOf = (places: number, half: number): readonly [Tensor, Tensor] => [
  float32([places, half], waves(places * half, Math.cos)),
  float32([places, half], waves(places * half, Math.sin)),
];

function waves(count: number, wave: (x: number) => number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => wave(0.3 * (i + 1)));
}
