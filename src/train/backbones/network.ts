/** A network under construction: its builder, its weights drawn by name, and the graph that comes of it. */

import { UserError } from '../../errors.js';
import type { Graph, TensorType, Value } from '../../ir/types.js';
import { Builder } from '../../ops/builder.js';
import { substitute } from '../../rewrite/substitute.js';
import { sizeOf } from '../../tensor/dtype.js';
import { random } from '../../tensor/random.js';
import { float32 } from '../../tensor/tensor.js';
import type { BackboneShape } from './backbone.js';
import { type ValidSteps, validSteps } from './valid-steps.js';

export interface Network {
  readonly g: Builder;
  readonly shape: Required<BackboneShape>;
  readonly steps: ValidSteps;
  /** A weight of that name, its numbers uniform in [-bound, bound). */
  drawn(name: string, shape: readonly number[], bound: number): Value;
  /** A weight of that name with these numbers. */
  given(name: string, shape: readonly number[], values: Float32Array): Value;
}

/** The oldest that losses are emitted for, and the newest whose nodes all GPUs run. */
const opset = 18;

/**
 * @param width where the shape says none.
 * @param emit from the series [batch, channels, length] to logits.
 */
export function networkOf(
  name: string,
  shape: BackboneShape,
  seed: number,
  width: number,
  emit: (net: Network, input: Value) => Value,
): Graph {
  const settled = { masked: false, dropout: 0, width, ...shape };
  checkShape(name, settled);
  const input: Value = { name: 'input', type: floats(['batch', settled.channels, settled.length]) };
  const mask: Value | undefined = settled.masked
    ? { name: 'mask', type: floats(['batch', settled.length]) }
    : undefined;
  const logits: Value = { name: 'logits', type: floats(['batch', settled.classes]) };
  const g = new Builder([], 'net', opset);
  const given: Network['given'] = (weight, sizes, values) => {
    const value: Value = { name: weight, type: floats(sizes) };
    g.initializers.set(value, float32(sizes, values));
    return value;
  };
  const drawn: Network['drawn'] = (weight, sizes, bound) => {
    const draws = random(seed, `${name}/${weight}`).uniforms(sizeOf(sizes));
    return given(
      weight,
      sizes,
      draws.map((u) => (2 * u - 1) * bound),
    );
  };
  const made = emit({ g, shape: settled, steps: validSteps(g, mask), drawn, given }, input);
  const graph: Graph = {
    name,
    inputs: mask ? [input, mask] : [input],
    outputs: [made],
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([['', opset]]),
    functions: [],
  };
  return substitute(graph, (value) => (value === made ? logits : value));
}

const floats = (shape: NonNullable<TensorType['shape']>): TensorType => ({ dtype: 'float32', shape });

function checkShape(name: string, shape: Required<BackboneShape>): void {
  const least = { channels: 1, length: 1, classes: 2, width: 1 };
  for (const [key, smallest] of Object.entries(least) as [keyof typeof least, number][]) {
    const size = shape[key];
    if (Number.isSafeInteger(size) && size >= smallest) continue;
    throw new UserError(name, `expected ${key} to be a whole number from ${smallest} on, got ${size}; choose another`);
  }
  const { dropout } = shape;
  if (dropout >= 0 && dropout < 1) return;
  throw new UserError(name, `expected dropout in [0, 1), got ${dropout}; choose a fraction`);
}
