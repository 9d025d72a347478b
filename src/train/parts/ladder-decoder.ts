/** The parts of a ladder's decoder. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { stop } from '../../ops/stop.js';
import { sizeOf } from '../../tensor/dtype.js';
import { random } from '../../tensor/random.js';
import type { Scope } from '../step/scope.js';

const epsilon = 1e-5;

/** `x` with mean 0 and deviation 1 over `axes`: a constant to what it is compared with. */
export function standardised(g: Builder, x: Value, axes: readonly number[]): Value {
  const centred = g.sub(x, g.reduce('ReduceMean', x, axes, true));
  return stop(g, g.op('Div', [centred, rootOfMean(g, centred, axes)]));
}

export function deviationOver(g: Builder, x: Value, axes: readonly number[]): Value {
  return rootOfMean(g, g.sub(x, g.reduce('ReduceMean', x, axes, true)), axes);
}

const rootOfMean = (g: Builder, centred: Value, axes: readonly number[]): Value =>
  g.op('Sqrt', [g.add(g.reduce('ReduceMean', g.mul(centred, centred), axes, true), g.scalar(epsilon))]);

export interface DecodeShape {
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly pads: readonly [number, number];
}

/** One layer down: the transpose of a convolution of that kernel and padding, and batch normalisation without scale and shift. */
export function decode(scope: Scope, name: string, x: Value, { from, to, kernel, pads }: DecodeShape): Value {
  const { g } = scope;
  const bound = Math.sqrt(1 / (from * kernel));
  const drawn = random(0, name)
    .uniforms(to * from * kernel)
    .map((u) => (2 * u - 1) * bound);
  const weight = scope.parameter(`${name}/weight`, [to, from, kernel], drawn);
  // what a convolution that pads by p takes away, its transpose gives back by padding k - 1 - p
  const around = pads.map((pad) => kernel - 1 - pad);
  const y = g.op('Conv', [x, weight], { kernel_shape: [kernel], pads: around });
  const centred = g.sub(y, g.reduce('ReduceMean', y, [0, 2], true));
  return g.op('Div', [centred, rootOfMean(g, centred, [0, 2])]);
}

/**
 * g(z, u) = b0 + w0z z + w0u u + w0zu z u + ws sigmoid(b1 + w1z z + w1u u + w1zu z u), a weight of each kind for each element: the
 * combinator of the paper's first version, as series have it. @param shape of one sample.
 */
export function combinator(scope: Scope, name: string, shape: readonly number[]): (z: Value, u: Value) => Value {
  const { g } = scope;
  const size = sizeOf(shape);
  const weight = (part: string, value: 0 | 1): Value =>
    scope.parameter(`${name}/${part}`, shape, new Float32Array(size).fill(value));
  const affine = (i: 0 | 1, z: Value, u: Value, zu: Value): Value =>
    [
      g.mul(weight(`w${i}z`, 1), z),
      g.mul(weight(`w${i}u`, 0), u),
      g.mul(weight(`w${i}zu`, i === 0 ? 1 : 0), zu),
    ].reduce((sum, part) => g.add(sum, part), weight(`b${i}`, 0));
  return (z, u) => {
    const zu = g.mul(z, u);
    const squashed = g.op('Sigmoid', [affine(1, z, u, zu)]);
    return g.add(affine(0, z, u, zu), g.mul(weight('ws', 1), squashed));
  };
}
