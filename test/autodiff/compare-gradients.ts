/** A graph's gradient at a seeded point, in float64 against differences, and in float32 against float64. */
import { type Difference, takeDifferences } from '../../src/autodiff/differences.js';
import { grad } from '../../src/autodiff/grad.js';
import { inDouble } from '../../src/autodiff/in-double.js';
import { type Prepared, typesOf } from '../../src/autodiff/prepare.js';
import { UserError } from '../../src/errors.js';
import { feeds } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { builderFor } from '../../src/ops/builder.js';
import { simplify } from '../../src/rewrite/simplify.js';
import { type CompileOptions, compile, type Program } from '../../src/runtime/program.js';
import { tensorOf } from '../../src/tensor/convert.js';
import { isFloat, sizeOf } from '../../src/tensor/dtype.js';
import { random } from '../../src/tensor/random.js';
import { dataOf, type Tensor, tensor } from '../../src/tensor/tensor.js';

export interface Compared {
  readonly dtype: 'float32' | 'float64';
  /** The largest relative error of a difference that counted, as it is. */
  readonly error: number;
  /** The largest difference between the gradients in float32 and float64, relative to the largest entry of all. */
  readonly single: number;
  readonly counted: number;
  readonly taken: number;
  /** What is wrong. */
  readonly problem?: string;
  /** Of which input too few differences count. */
  readonly unclear?: string;
}

/** Of differences, relative to the gradient: what the arithmetic allows. */
const tolerances = { float64: 1e-6, float32: 1e-3 };
/** Of float32 against float64: outputs and gradients, relative to the largest entry of each output and of all gradients. */
const singleTolerances = { outputs: 1e-5, gradient: 1e-3 };
/** Per input: as many random directions, as many along the gradient, and a few single entries. */
const probes = { directions: 2, entries: 1 };

type Values = ReadonlyMap<string, Float64Array>;

/**
 * Compares the gradient of the sum over all float outputs, each times cos(1.7 k), with differences.
 * @param data what is fed, by name; the float inputs among them are moved a little
 * @param isSetting float inputs that are not moved
 * @throws UserError where the gradient is refused.
 */
export async function compareGradients(
  prepared: Prepared,
  data: ReadonlyMap<string, Tensor>,
  isSetting: (value: Value) => boolean,
): Promise<Compared> {
  const inputs = feeds(prepared.graph);
  const wrt = inputs.filter(
    (value) => isFloat(value.type!.dtype) && !isSetting(value) && sizeOf(data.get(value.name)!.shape) > 0,
  );
  const ys = prepared.graph.outputs.filter((value) => isFloat(prepared.types.get(value)?.dtype ?? 'int64'));
  const single = await evaluator(simplify({ ...prepared.graph, outputs: ys }), data, 'all');
  try {
    const { point, outputs } = await finitePoint(single, wrt, data);
    const factors = ys.map((_, i) => factorsFor(outputs[i]!, i));
    const whole = await withGradients(prepared, ys, factors, wrt);
    const gradients = await evaluator(simplify({ ...whole.graph, outputs: whole.gradients }), data, 'all');
    const inSingle = await gradients.run(point).finally(() => gradients.release());
    const precise = await inFloat64(whole, ys.length, data);
    if (!precise) {
      return await judge({ wrt, point, factors, forward: single, gradient: inSingle, inSingle, dtype: 'float32' });
    }
    try {
      const off = apart(outputs, await precise.forward.run(point));
      const gradient = await precise.gradients.run(point);
      const { forward } = precise;
      const compared = await judge({ wrt, point, factors, forward, gradient, inSingle, dtype: 'float64' });
      if (off <= singleTolerances.outputs) return compared;
      return { ...compared, problem: `float32 and float64 outputs are ${off} apart` };
    } finally {
      await precise.forward.release();
      await precise.gradients.release();
    }
  } finally {
    await single.release();
  }
}

interface Subject {
  readonly wrt: readonly Value[];
  readonly point: Values;
  readonly factors: readonly Float64Array[];
  readonly forward: Evaluator;
  readonly gradient: readonly Float64Array[];
  readonly inSingle: readonly Float64Array[];
  readonly dtype: 'float32' | 'float64';
}

async function judge({ wrt, point, factors, forward, gradient, inSingle, dtype }: Subject): Promise<Compared> {
  for (const [i, { name }] of wrt.entries()) {
    const [wanted, got] = [point.get(name)!.length, gradient[i]!.length];
    if (wanted !== got) throw new Error(`'${name}': expected a gradient of ${wanted} entries, got ${got}`);
  }
  const claim = {
    dtype,
    point,
    gradients: new Map(wrt.map(({ name }, i) => [name, gradient[i]!])),
    value: async (at: Values) => (await forward.run(at)).reduce((sum, y, i) => sum + dot(factors[i]!, y), 0),
  };
  const tolerance = tolerances[dtype];
  const found = await takeDifferences(claim, { ...probes, tolerance, seed: 7 });
  const counted = found.filter(({ leftOut }) => !leftOut);
  const measured = { dtype, counted: counted.length, taken: found.length, error: counted[0]?.error ?? 0 };
  const apartInSingle = apart(inSingle, gradient, sizeOfGradients(gradient));
  const problem =
    problemOf(found, tolerance) ??
    (apartInSingle <= singleTolerances.gradient ? undefined : `in float32 ${apartInSingle} from float64`);
  const unclear = wrt.flatMap(({ name }) => tooFew(name, found))[0];
  return { ...measured, single: apartInSingle, ...(problem && { problem }), ...(unclear && { unclear }) };
}

function problemOf(found: readonly Difference[], tolerance: number): string | undefined {
  const wrong = found.find(({ leftOut, error }) => !leftOut && !(error <= tolerance));
  return wrong && `'${wrong.of}' along ${wrong.along}: gradient ${wrong.gradient}, difference ${wrong.difference}`;
}

/** At least half of the differences of every input have to count. */
function tooFew(name: string, found: readonly Difference[]): string[] {
  const own = found.filter(({ of }) => of === name);
  const counted = own.filter(({ leftOut }) => !leftOut);
  if (2 * counted.length >= own.length && own.length > 0) return [];
  const reasons = own.map(({ leftOut, noise }) => leftOut && `${leftOut} ${noise}`).filter(Boolean);
  return [`'${name}': ${counted.length} of ${own.length} differences count (${reasons.join(', ')})`];
}

/** Outputs, then gradients, in one graph. */
interface Whole extends Prepared {
  readonly gradients: readonly Value[];
}

async function withGradients(
  { graph }: Prepared,
  ys: readonly Value[],
  factors: readonly Float64Array[],
  wrt: readonly Value[],
): Promise<Whole> {
  const g = builderFor(graph, 'sum');
  const total = ys
    .map((y, i) => g.reduceSum(g.mul(g.reshape(y, [-1]), constantLike(g, y, factors[i]!)), [0]))
    .reduce((a, b) => g.add(a, b));
  const summed = g.appendTo(graph);
  const made = grad(summed, total, wrt, { types: await typesOf(summed) });
  const copies = builderFor(made.graph, 'gradient');
  const gradients = wrt.map((value) => copies.op('Identity', [made.gradients.get(value)!]));
  const whole = { ...copies.appendTo(made.graph), outputs: [...ys, ...gradients] };
  const pruned = simplify(whole);
  return { graph: pruned, types: await typesOf(pruned), gradients };
}

const constantLike = (g: ReturnType<typeof builderFor>, y: Value, values: Float64Array): Value =>
  g.constant(
    y.type?.dtype === 'float64' ? tensor('float64', [values.length], values) : float32Of([values.length], values),
  );

/** Forward and gradients in float64; undefined where the runtime lacks a kernel, and there is nothing in its place. */
async function inFloat64(
  whole: Whole,
  count: number,
  data: ReadonlyMap<string, Tensor>,
): Promise<{ readonly forward: Evaluator; readonly gradients: Evaluator } | undefined> {
  try {
    const { graph } = inDouble(whole);
    const forward = await evaluator(simplify({ ...graph, outputs: graph.outputs.slice(0, count) }), data, 'basic');
    try {
      const gradients = simplify({ ...graph, outputs: graph.outputs.slice(count) });
      return { forward, gradients: await evaluator(gradients, data, 'basic') };
    } catch (error) {
      await forward.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof UserError && error.exitCode === 3) return undefined;
    throw error;
  }
}

/** A program on float64 arrays, whatever it computes in. */
interface Evaluator extends Pick<Program, 'release'> {
  run(point: Values): Promise<readonly Float64Array[]>;
}

async function evaluator(
  graph: Graph,
  data: ReadonlyMap<string, Tensor>,
  optimization: NonNullable<CompileOptions['optimization']>,
): Promise<Evaluator> {
  const program = await compile(graph, { optimization, threads: 1 });
  return {
    async run(point) {
      const fed = program.inputs.map((input) => [input, inType(input, data.get(input.name)!, point)] as const);
      const results = await program.run(new Map(fed));
      return graph.outputs.map((output) => numbers(results.get(output)!));
    },
    release: () => program.release(),
  };
}

function inType({ name, type }: Value, stored: Tensor, point: Values): Tensor {
  if (!isFloat(stored.dtype)) return stored;
  const values = point.get(name) ?? numbers(stored);
  return type?.dtype === 'float64' ? tensor('float64', stored.shape, values) : float32Of(stored.shape, values);
}

/** The first of the seeded points beside the data at which the outputs are finite where they are at the data. */
async function finitePoint(single: Evaluator, wrt: readonly Value[], data: ReadonlyMap<string, Tensor>) {
  for (let seed = 0; seed < 16; seed++) {
    const point = new Map(wrt.map(({ name }) => [name, jittered(name, data.get(name)!, seed)]));
    const outputs = await single.run(point).catch((error) => {
      if (error instanceof UserError) return undefined;
      throw error;
    });
    if (outputs && !outputs.some((y) => y.some(Number.isNaN))) return { point, outputs };
  }
  throw new Error('no point beside the data has finite outputs');
}

/** Off ties and kinks, as float32 has it; what is not finite becomes a number. */
function jittered(name: string, t: Tensor, seed: number): Float64Array {
  const draw = random(seed, name);
  const finite = (x: number): number => (Number.isFinite(x) ? x : x < 0 ? -30 : 0.5);
  return numbers(t).map((x, i) => {
    const start = finite(x);
    return Math.fround(start + 0.1 * (draw.uniform(i) - 0.5) * Math.max(1, Math.abs(start)));
  });
}

/** What is not finite, as a masked score, is left out of the sum. */
const factorsFor = (y: Float64Array, i: number): Float64Array =>
  y.map((value, k) => (Number.isFinite(value) ? Math.fround(Math.cos(1.7 * k + i)) : 0));

/** The largest entry of all; cotangents are about 1, and what is far below is rounded away in float32. */
const sizeOfGradients = (gradients: readonly Float64Array[]): number =>
  gradients.reduce((most, each) => each.reduce((m, x) => Math.max(m, Math.abs(x)), most), 1e-3);

/** The largest difference, relative to `size`: by default, the largest entry of each. */
function apart(found: readonly Float64Array[], wanted: readonly Float64Array[], size?: number): number {
  return Math.max(
    0,
    ...wanted.map((each, i) => {
      const unit = size ?? each.reduce((most, x) => Math.max(most, Number.isFinite(x) ? Math.abs(x) : 0), 0);
      const off = each.reduce((most, x, k) => Math.max(most, distance(found[i]![k]!, x)), 0);
      return off === 0 ? 0 : off / Math.max(unit, Number.MIN_VALUE);
    }),
  );
}

const distance = (a: number, b: number): number => {
  if (Object.is(a, b) || a === b) return 0;
  return Number.isNaN(a - b) ? Number.POSITIVE_INFINITY : Math.abs(a - b);
};

const float32Of = (shape: readonly number[], values: Float64Array): Tensor =>
  tensorOf('float32', shape, Float32Array.from(values));

const numbers = (t: Tensor): Float64Array => Float64Array.from(dataOf(t) as Float32Array, Number);

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + (x === 0 ? 0 : x * b[i]!), 0);
