/** latent: the codes of a variational autoencoder: examples to codes, codes to examples, and gradients back through the decoder. */
import { gradientGraph } from '../../autodiff/gradient-graph.js';
import { prepare } from '../../autodiff/prepare.js';
import type { Graph, Value } from '../../ir/types.js';
import { builderFor } from '../../ops/builder.js';
import { compile, type Program } from '../../runtime/program.js';
import { floatsOf } from '../../tensor/convert.js';
import { float32 } from '../../tensor/tensor.js';
import { alone } from '../ground/alone.js';
import type { Companions } from '../ground/companions.js';

export interface Latent {
  /** Numbers of a code. */
  readonly width: number;
  /** Codes, packed [rows, width], of points of the search's range. */
  encode(points: Float32Array): Promise<Float32Array>;
  /** Points, packed [rows, size]; they may lie outside of every box. */
  decode(codes: Float32Array): Promise<Float32Array>;
  /** Gradients with respect to codes, of what has these gradients, [rows, size], with respect to their points. */
  pull(codes: Float32Array, cotangents: Float32Array): Promise<Float32Array>;
}

/** Hands the latent space of given models to `use`, and frees them. @param points packed: some examples. */
export async function inLatent<T>(
  { encoder, decoder }: Companions,
  points: Float32Array,
  size: number,
  use: (latent: Latent, codes: Float32Array) => Promise<T>,
): Promise<T> {
  const open: Program[] = [];
  const compiled = async (graph: Graph): Promise<Program> => {
    // sums of several threads differ in the last bit
    const program = await compile(graph, { threads: 1 });
    open.push(program);
    return program;
  };
  try {
    const encoding = await compiled(alone(encoder!, size));
    const encode = (values: Float32Array): Promise<Float32Array> => ran(encoding, [values], [size]);
    const codes = await encode(points);
    const width = codes.length / (points.length / size);
    const graph = alone(decoder!, width);
    const decoding = await compiled(graph);
    const pulling = await compiled(await transposed(graph, size));
    return await use(
      {
        width,
        encode,
        decode: (values) => ran(decoding, [values], [width]),
        pull: (values, cotangents) => ran(pulling, [values, cotangents], [width, size]),
      },
      codes,
    );
  } finally {
    for (const program of open) await program.release();
  }
}

/** The gradient of the sum of what the graph makes times an input. */
async function transposed(graph: Graph, size: number): Promise<Graph> {
  const cotangent: Value = { name: 'cotangent', type: { dtype: 'float32', shape: ['batch', size] } };
  const inputs = [...graph.inputs, cotangent];
  const g = builderFor({ ...graph, inputs }, 'pull');
  const product = g.mul(graph.outputs[0]!, cotangent);
  const whole = await prepare({ ...g.appendTo({ ...graph, inputs }), outputs: [product] });
  const found = await gradientGraph(whole, { of: product.name, wrt: ['rows'], sum: true });
  return { ...found.graph, outputs: [found.gradients.get('rows')!] };
}

/** Inputs are fed by name in the order `rows`, `cotangent`: a decoder that is linear reads the second alone. */
async function ran(
  program: Program,
  values: readonly Float32Array[],
  widths: readonly number[],
): Promise<Float32Array> {
  const fed = new Map(
    program.inputs.map((input) => {
      const at = input.name === 'rows' ? 0 : 1;
      return [input, float32([values[at]!.length / widths[at]!, widths[at]!], values[at]!)];
    }),
  );
  const results = await program.run(fed);
  return floatsOf(results.get(program.outputs[0]!)!);
}
