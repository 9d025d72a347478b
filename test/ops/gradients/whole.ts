/** A graph of several nodes: prepared, run, differentiated and compared, as a row of the tables is. */
import { expect } from 'vitest';
import { grad } from '../../../src/autodiff/grad.js';
import { prepare } from '../../../src/autodiff/prepare.js';
import type { Graph, TensorType, Value } from '../../../src/ir/types.js';
import { verify } from '../../../src/ir/verify.js';
import { builderFor } from '../../../src/ops/builder.js';
import { simplify } from '../../../src/rewrite/simplify.js';
import { withProgram } from '../../../src/runtime/program.js';
import { encode } from '../../../src/tensor/convert.js';
import { isFloat, sizeOf } from '../../../src/tensor/dtype.js';
import { random } from '../../../src/tensor/random.js';
import { dataOf, type Tensor, tensor } from '../../../src/tensor/tensor.js';

export interface WholeOptions {
  readonly low?: number;
  readonly high?: number;
  readonly step?: number;
  readonly tolerance?: number;
  /** Of the prepared graph's outputs against the original's, relative. */
  readonly agreement?: number;
  /** Inputs that are not floating point, by name. */
  readonly given?: Readonly<Record<string, Tensor>>;
  /** Also the gradient of the gradient. */
  readonly twice?: boolean;
}

/** Sizes of symbolic dimensions when it runs. */
export type Sizes = Readonly<Record<string, number>>;

/** Compares the gradient of a weighted sum of all floating outputs with central differences, input by input. */
export async function checkWhole(graph: Graph, options: WholeOptions = {}, sizes: Sizes = {}): Promise<void> {
  verify(graph);
  const scalarGraph = summed(graph);
  const feeds = new Map(graph.inputs.map((input, i) => [input.name, feedOf(input, i, options, sizes)]));
  const ready = await prepare(scalarGraph);
  expectClose(await run(ready.graph, feeds), await run(scalarGraph, feeds), options.agreement ?? 1e-9, 'prepared');
  const wrt = ready.graph.inputs.filter(({ type }) => type && isFloat(type.dtype));
  const { graph: whole, gradients } = grad(ready.graph, ready.graph.outputs[0]!, wrt, { types: ready.types });
  const program = simplify({ ...whole, outputs: wrt.map((value) => gradients.get(value)!) });
  verify(program);
  await compare(scalarGraph, program, wrt, feeds, options);
  if (options.twice) await checkWhole(program, { ...options, twice: false }, sizes);
}

async function compare(
  value: Graph,
  gradient: Graph,
  wrt: readonly Value[],
  feeds: ReadonlyMap<string, Tensor>,
  { step = 1e-5, tolerance = 1e-7 }: WholeOptions,
): Promise<void> {
  const gradients = await run(gradient, feeds);
  for (const [i, { name }] of wrt.entries()) {
    const at = feeds.get(name)!;
    const draw = random(7, `direction ${i}`);
    const direction = Array.from({ length: sizeOf(at.shape) }, (_, j) => draw.normal(j));
    const moved = async (by: number): Promise<number> => {
      const values = Array.from(dataOf(at), Number).map((x, j) => x + by * direction[j]!);
      const [y] = await run(value, new Map([...feeds, [name, asTensor(at.dtype, at.shape, values)]]));
      return y![0]!;
    };
    const difference = ((await moved(step)) - (await moved(-step))) / (2 * step);
    const found = gradients[i]!;
    expect(found.length, `elements of the gradient of '${name}'`).toBe(direction.length);
    const slope = found.reduce((sum, d, j) => sum + d * direction[j]!, 0);
    const scale = Math.max(1, Math.abs(difference), Math.sqrt(found.reduce((sum, d) => sum + d * d, 0)));
    expect(Math.abs(slope - difference) / scale, `'${name}': ${slope}, difference ${difference}`).toBeLessThan(
      tolerance,
    );
  }
}

async function run(graph: Graph, feeds: ReadonlyMap<string, Tensor>): Promise<number[][]> {
  const isSingle = [...feeds.values()].every(({ dtype }) => dtype !== 'float64');
  return withProgram(graph, { optimization: isSingle ? 'all' : 'basic', threads: 1 }, async (program) => {
    const results = await program.run(new Map(program.inputs.map((input) => [input, feeds.get(input.name)!])));
    return graph.outputs.map((output) => Array.from(dataOf(results.get(output)!), Number));
  });
}

/** All floating outputs times cos(k), added up. */
function summed(graph: Graph): Graph {
  const g = builderFor(graph, 'sum');
  const code = graph.inputs.some(({ type }) => type?.dtype === 'float64') ? 11 : 1;
  const parts = graph.outputs.map((output, seed) => {
    const flat = g.op('Cast', [g.reshape(output, [-1])], { to: code });
    const count = g.op('Cast', [g.squeeze(g.op('Shape', [flat]), [0])], { to: 7 });
    const [zero, one] = [0n, 1n].map((n) => g.constant(tensor('int64', [], BigInt64Array.of(n))));
    const places = g.op('Cast', [g.op('Range', [zero!, count, one!])], { to: 1 });
    const waves = g.op('Cos', [g.add(g.mul(places, g.scalar(1.7)), g.scalar(seed))]);
    return g.reduceSum(g.mul(flat, g.op('Cast', [waves], { to: code })), [0]);
  });
  const sum = parts.reduce((a, b) => g.add(a, b));
  return { ...g.appendTo(graph), outputs: [sum] };
}

function feedOf({ name, type }: Value, stream: number, options: WholeOptions, sizes: Sizes): Tensor {
  const given = options.given?.[name];
  if (given) return given;
  const { dtype, shape } = type as TensorType;
  const fixed = shape!.map((size) => (typeof size === 'number' ? size : sizes[size as string]!));
  const { low = -1, high = 1 } = options;
  const draw = random(3, `input ${stream}`);
  return asTensor(
    dtype,
    fixed,
    Array.from({ length: sizeOf(fixed) }, (_, i) => low + (high - low) * draw.uniform(i)),
  );
}

const asTensor = (dtype: Tensor['dtype'], shape: readonly number[], values: readonly number[]): Tensor =>
  tensor(dtype, shape, dtype === 'float64' ? Float64Array.from(values) : encode(dtype, Float32Array.from(values)));

function expectClose(found: number[][], wanted: number[][], tolerance: number, what: string): void {
  const scale = Math.max(1, ...wanted.flat().map(Math.abs));
  const worst = Math.max(0, ...wanted.flatMap((each, i) => each.map((v, j) => Math.abs(v - found[i]![j]!))));
  expect(worst / scale, what).toBeLessThan(tolerance);
}
