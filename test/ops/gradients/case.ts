/** A row of the gradient tables: one op on small inputs, its gradient against central differences through the runtime. */
import { expect } from 'vitest';
import { grad } from '../../../src/autodiff/grad.js';
import { type AttrInput, attrs } from '../../../src/ir/node.js';
import type { Graph, Node, TensorType, Value } from '../../../src/ir/types.js';
import { builderFor } from '../../../src/ops/builder.js';
import { simplify } from '../../../src/rewrite/simplify.js';
import { annotate, annotateSymbolic } from '../../../src/runtime/annotate.js';
import { withProgram } from '../../../src/runtime/program.js';
import { encode } from '../../../src/tensor/convert.js';
import { sizeOf } from '../../../src/tensor/dtype.js';
import { random } from '../../../src/tensor/random.js';
import { dataOf, type Tensor, tensor } from '../../../src/tensor/tensor.js';

export interface CaseOptions {
  readonly attrs?: Readonly<Record<string, AttrInput>>;
  /** Floating-point inputs are uniform in [low, high): away from kinks and poles. Default [-2, 2). */
  readonly low?: number;
  readonly high?: number;
  /** Default float64; float32 where the runtime has no double kernel. */
  readonly dtype?: 'float64' | 'float32';
  /** Of the central difference; 1 is exact for bilinear ops. Default 1e-5, in float32 1e-2. */
  readonly step?: number;
  /** Of the directional derivative, relative. Default 1e-7, in float32 2e-3. */
  readonly tolerance?: number;
  /** By position: inputs that are fixed (axes, indices), or null for one left out. The shapes fill the other positions. */
  readonly fixed?: Readonly<Record<number, Tensor | null>>;
  /** Positions of fixed inputs whose values rules cannot see, as if the graph computed them. */
  readonly computed?: readonly number[];
  /** How many outputs the node has; default 1. All enter the sum that is differentiated, except `unused` ones. */
  readonly outputs?: number;
  /** Outputs that are not differentiated (indices, masks). */
  readonly unused?: readonly number[];
  readonly domain?: string;
  readonly opset?: number;
  /** Also differentiated with every size symbolic (or those of these arguments), for the same numbers. Default true. */
  readonly symbolic?: boolean | readonly number[];
}

/** Op, the shapes of its differentiable inputs, options. */
export type Case = readonly [op: string, shapes: readonly (readonly number[])[], options?: CaseOptions];

export const nameOf = ([op, shapes, options = {}]: Case): string =>
  `${op} ${shapes.map((shape) => `[${shape}]`).join(' ')} ${options.attrs ? JSON.stringify(options.attrs, (_, v) => (typeof v === 'bigint' ? String(v) : v)) : ''}`;

/** Compares <gradient, direction> with the central difference along a random direction, argument by argument. */
export async function checkCase(row: Case, seed = 1): Promise<void> {
  const {
    dtype = 'float64',
    step = dtype === 'float64' ? 1e-5 : 1e-2,
    tolerance = dtype === 'float64' ? 1e-7 : 2e-3,
    symbolic = true,
  } = row[2] ?? {};
  const { graph, arguments: args } = graphOf(row, false);
  const start = args.map((value, i) => sample(row, value, seed, i));
  const gradients = await gradientsOf(graph, args, start, await annotate(graph));
  if (symbolic) {
    const open = graphOf(row, true);
    const again = await gradientsOf(open.graph, open.arguments, start, await annotateSymbolic(open.graph));
    for (const [i, gradient] of again.entries())
      expectClose(gradient, gradients[i]!, dtype === 'float64' ? 1e-12 : 1e-5);
  }
  await withProgram(graph, { optimization: dtype === 'float64' ? 'basic' : 'all', threads: 1 }, async (program) => {
    const value = async (at: readonly Float64Array[]): Promise<number> => {
      const results = await program.run(
        new Map(args.map((arg, i) => [arg, asTensor(dtype, arg.type!.shape as number[], at[i]!)])),
      );
      return Number(dataOf([...results.values()][0]!)[0]);
    };
    for (const [i, arg] of args.entries()) {
      const direction = directionOf(arg, seed + i);
      const moved = (by: number) => start.map((x, k) => (k === i ? x.map((v, j) => v + by * direction[j]!) : x));
      const difference = ((await value(moved(step))) - (await value(moved(-step)))) / (2 * step);
      const slope = gradients[i]!.reduce((sum, d, j) => sum + d * direction[j]!, 0);
      const scale = Math.max(1, Math.abs(difference), Math.sqrt(gradients[i]!.reduce((sum, d) => sum + d * d, 0)));
      expect(
        Math.abs(slope - difference) / scale,
        `argument ${i}: gradient ${slope}, difference ${difference}`,
      ).toBeLessThan(tolerance);
    }
  });
}

/** The case as a graph whose output is the sum of y times fixed random numbers. */
function graphOf(row: Case, isOpen: boolean): { graph: Graph; arguments: readonly Value[] } {
  const bare = bareGraph(row, isOpen);
  const { dtype = 'float64' } = row[2] ?? {};
  const g = builderFor(bare, 'sum');
  const parts = bare.outputs.map((y, i) => weighted(g, y, dtype, i));
  const sum = parts.reduce((a, b) => g.add(a, b));
  return { graph: { ...g.appendTo({ ...bare, outputs: [] }), outputs: [sum] }, arguments: bare.inputs };
}

/** The node of the case alone; its outputs are those that are differentiated. */
export function bareGraph([op, shapes, options = {}]: Case, isOpen = false): Graph {
  const { dtype = 'float64', fixed = {}, outputs = 1, unused = [], domain = '', opset = 21, computed = [] } = options;
  const { symbolic = true } = options;
  const total = shapes.length + Object.keys(fixed).length;
  const initializers = new Map<Value, Tensor>();
  const args: Value[] = [];
  const hiding: Node[] = [];
  const inputs = Array.from({ length: total }, (_, position): Value | null => {
    const constant = fixed[position];
    if (constant === null) return null;
    if (constant) {
      const value = { name: `fixed${position}`, type: { dtype: constant.dtype, shape: constant.shape } };
      initializers.set(value, constant);
      if (!computed.includes(position)) return value;
      const hidden = { name: `computed${position}` };
      hiding.push({ name: hidden.name, op: 'Identity', domain: '', inputs: [value], outputs: [hidden], attrs: {} });
      return hidden;
    }
    const shape = shapes[args.length]!;
    const isSymbolic = isOpen && (typeof symbolic === 'boolean' || symbolic.includes(args.length));
    const declared = isSymbolic ? shape.map((_, axis) => `x${args.length}_${axis}`) : shape;
    const value: Value = { name: `x${args.length}`, type: { dtype, shape: declared } };
    args.push(value);
    return value;
  });
  const made = Array.from({ length: outputs }, (_, i) => ({ name: `y${i}` }));
  const node: Node = { name: 'case', op, domain, inputs, outputs: made, attrs: attrs(options.attrs ?? {}) };
  return {
    name: 'case',
    inputs: args,
    outputs: made.filter((_, i) => !unused.includes(i)),
    nodes: [...hiding, node],
    initializers,
    opsets: new Map([['', opset], ...(domain ? [[domain, 1] as const] : [])]),
    functions: [],
  };
}

/** Sum over y of y times cos(k), which no symmetry of an op cancels. */
function weighted(g: ReturnType<typeof builderFor>, y: Value, dtype: 'float64' | 'float32', seed: number): Value {
  const flat = g.reshape(y, [-1]);
  const count = g.op('Cast', [g.squeeze(g.op('Shape', [flat]), [0])], { to: 7 });
  const zero = g.constant(tensor('int64', [], BigInt64Array.of(0n)));
  const one = g.constant(tensor('int64', [], BigInt64Array.of(1n)));
  const places = g.op('Cast', [g.op('Range', [zero, count, one])], { to: 1 });
  const waves = g.op('Cos', [g.add(g.mul(places, g.scalar(1.7)), g.scalar(seed))]);
  const factors = g.op('Cast', [waves], { to: dtype === 'float64' ? 11 : 1 });
  return g.reduceSum(g.mul(flat, factors), [0]);
}

async function gradientsOf(
  graph: Graph,
  args: readonly Value[],
  at: readonly Float64Array[],
  types: ReadonlyMap<Value, TensorType>,
): Promise<number[][]> {
  const dtype = args[0]!.type!.dtype as 'float64' | 'float32';
  const { graph: whole, gradients } = grad(graph, graph.outputs[0]!, args, { types });
  const outputs = args.map((arg) => gradients.get(arg)!);
  const program = simplify({ ...whole, outputs: [...new Set(outputs)] });
  return withProgram(
    program,
    { optimization: dtype === 'float64' ? 'basic' : 'all', threads: 1 },
    async ({ run, inputs }) => {
      const shapes = args.map((_, i) => (at[i] as Float64Array & { shape: readonly number[] }).shape);
      const feeds = new Map(args.map((arg, i) => [arg, asTensor(dtype, shapes[i]!, at[i]!)]));
      const results = await run(new Map(inputs.map((input) => [input, feeds.get(input)!])));
      const named = new Map([...results].map(([value, t]) => [value.name, t]));
      return outputs.map((value, i) => {
        const t = named.get(value.name)!;
        expect(t.shape, `shape of the gradient of argument ${i}`).toEqual(shapes[i]);
        return Array.from(dataOf(t), Number);
      });
    },
  );
}

function sample([, , options = {}]: Case, { type }: Value, seed: number, stream: number): Float64Array {
  const { low = -2, high = 2 } = options;
  const draw = random(seed, `argument ${stream}`);
  const shape = type!.shape as number[];
  const values = Float64Array.from({ length: sizeOf(shape) }, (_, i) => low + (high - low) * draw.uniform(i));
  return Object.assign(values, { shape });
}

function directionOf({ type }: Value, seed: number): Float64Array {
  const draw = random(seed, 'direction');
  return Float64Array.from({ length: sizeOf(type!.shape as number[]) }, (_, i) => draw.normal(i));
}

const asTensor = (dtype: 'float64' | 'float32', shape: readonly number[], values: Float64Array): Tensor =>
  dtype === 'float64' ? tensor(dtype, shape, values) : tensor(dtype, shape, encode(dtype, Float32Array.from(values)));

function expectClose(a: readonly number[], b: readonly number[], tolerance: number): void {
  expect(a.length).toBe(b.length);
  const scale = Math.max(1, ...b.map(Math.abs));
  const worst = Math.max(0, ...a.map((value, i) => Math.abs(value - b[i]!)));
  expect(worst / scale, 'symbolic against fixed sizes').toBeLessThan(tolerance);
}
