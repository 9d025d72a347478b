/** The programs of a check: the gradients as they are written, and value and gradients in float64, where that is possible. */
import type { GradientGraph } from '../../autodiff/gradient-graph.js';
import { inDouble } from '../../autodiff/in-double.js';
import { typesOf } from '../../autodiff/prepare.js';
import { UserError } from '../../errors.js';
import { feeds } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import { simplify } from '../../rewrite/simplify.js';
import { substitute } from '../../rewrite/substitute.js';
import { type CompileOptions, compile } from '../../runtime/program.js';
import { dataOf, type Tensor, tensor } from '../../tensor/tensor.js';

type Arrays = ReadonlyMap<string, Float64Array>;

/** A program on float64 arrays by name, whatever it computes in; all else that it needs it is fed by itself. */
export interface ArrayProgram {
  /** @returns an array for each output, in order. */
  run(at: Arrays): Promise<readonly Float64Array[]>;
  release(): Promise<void>;
}

export interface CheckPrograms {
  /** The precision of `value` and `gradients`. */
  readonly dtype: 'float32' | 'float64';
  /** What is differentiated. */
  readonly value: ArrayProgram;
  readonly gradients: ArrayProgram;
  /** The gradients as they are written, in float32. */
  readonly written: ArrayProgram;
  release(): Promise<void>;
}

/**
 * @param value the output that is differentiated
 * @param tensors everything that is fed, by name: sizes follow from it
 */
export async function checkPrograms(
  made: GradientGraph,
  value: Value,
  tensors: ReadonlyMap<string, Tensor>,
  options: CompileOptions,
): Promise<CheckPrograms> {
  const opened: ArrayProgram[] = [];
  const open = async (graph: Graph, outputs: readonly Value[], settings: CompileOptions): Promise<ArrayProgram> => {
    const program = await arrayProgram(simplify({ ...graph, outputs }), tensors, settings);
    opened.push(program);
    return program;
  };
  const release = async (): Promise<void> => {
    for (const program of opened) await program.release();
  };
  const gradients = [...made.gradients.values()];
  try {
    const written = await open(made.graph, gradients, options);
    const double = await doubled({ ...made.graph, outputs: [value, ...gradients] }, tensors);
    if (!double)
      return {
        dtype: 'float32',
        written,
        gradients: written,
        value: await open(made.graph, [value], options),
        release,
      };
    // float64 is for the CPU: other providers have no kernels for it
    const settings = { threads: options.threads, optimization: 'basic', provider: 'cpu' } as CompileOptions;
    const [first, ...rest] = double.outputs as [Value, ...Value[]];
    const precise = { value: await open(double, [first], settings), gradients: await open(double, rest, settings) };
    return { dtype: 'float64', written, ...precise, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** In the sizes of what is fed; undefined where an op has neither a float64 kernel nor an equivalent. */
async function doubled(graph: Graph, tensors: ReadonlyMap<string, Tensor>): Promise<Graph | undefined> {
  const sized = new Map(
    feeds(graph).map((value) => [
      value,
      { ...value, type: { dtype: value.type!.dtype, shape: tensors.get(value.name)!.shape } },
    ]),
  );
  const fixed = substitute(simplify(graph), (value) => sized.get(value) ?? value);
  try {
    const double = inDouble({ graph: fixed, types: await typesOf(fixed) }).graph;
    await (await compile(double, { optimization: 'basic' })).release();
    return double;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

async function arrayProgram(
  graph: Graph,
  tensors: ReadonlyMap<string, Tensor>,
  options: CompileOptions,
): Promise<ArrayProgram> {
  const program = await compile(graph, options);
  return {
    async run(at) {
      const fed = program.inputs.map(
        (input) => [input, inType(tensors.get(input.name)!, input, at.get(input.name))] as const,
      );
      const results = await program.run(new Map(fed));
      return graph.outputs.map((output) => numbers(results.get(output)!));
    },
    release: () => program.release(),
  };
}

export const numbers = (t: Tensor): Float64Array => Float64Array.from(dataOf(t) as Float32Array, Number);

/** What an input is fed: floats in its type, from `moved` where they are moved. */
function inType(t: Tensor, { type }: Value, moved: Float64Array | undefined): Tensor {
  if (t.dtype !== 'float32' && t.dtype !== 'float64') return t;
  const values = moved ?? numbers(t);
  return type?.dtype === 'float64'
    ? tensor('float64', t.shape, values)
    : tensor('float32', t.shape, Float32Array.from(values));
}
