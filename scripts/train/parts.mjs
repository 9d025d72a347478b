/** Layers with weights drawn from a seed: He's for those before a ReLU, Glorot's for the last. */
import { random } from '../../dist/tensor/random.js';
import { float32 } from '../../dist/tensor/tensor.js';

/** Weights are named `name.weight` and `name.bias`. */
export function partsIn(g, seed) {
  const drawn = (name, shape, deviation) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = random(seed, name)
      .normals(size)
      .map((value) => value * deviation);
    return g.constant(float32(shape, values), name);
  };
  const zeros = (name, size) => g.constant(float32([size], new Float32Array(size)), name);
  const gemm = (x, name, inputs, outputs, deviation) =>
    g.op('Gemm', [x, drawn(`${name}.weight`, [outputs, inputs], deviation), zeros(`${name}.bias`, outputs)], {
      transB: 1,
    });
  return {
    g,
    relu: (x) => g.op('Relu', [x]),
    /** Followed by a ReLU. */
    dense: (x, name, inputs, outputs) => gemm(x, name, inputs, outputs, Math.sqrt(2 / inputs)),
    /** Scores of classes. */
    head: (x, name, inputs, outputs) => gemm(x, name, inputs, outputs, Math.sqrt(2 / (inputs + outputs))),
    /** Kernels of `size`, padded to keep the picture's size. */
    conv: (x, name, inputs, outputs, size) =>
      g.op(
        'Conv',
        [
          x,
          drawn(`${name}.weight`, [outputs, inputs, size, size], Math.sqrt(2 / (inputs * size * size))),
          zeros(`${name}.bias`, outputs),
        ],
        { pads: [size >> 1, size >> 1, size >> 1, size >> 1] },
      ),
    pool: (x) => g.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] }),
    flatten: (x) => g.op('Flatten', [x], { axis: 1 }),
  };
}

/** Raw columns as numbers of mean 0 and deviation 1: the model is fed what the table says. */
export const standardised = (g, x, { mean, deviation }) =>
  g.mul(
    g.sub(x, named(g, 'mean', mean)),
    named(
      g,
      'scale',
      deviation.map((each) => 1 / each),
    ),
  );

/** The way back. */
export const restored = (g, x, { mean, deviation }) =>
  g.add(g.mul(x, named(g, 'deviation', deviation)), named(g, 'mean', mean));

const named = (g, name, values) => g.constant(float32([values.length], Float32Array.from(values)), name);
