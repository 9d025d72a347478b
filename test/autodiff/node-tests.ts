/** The node tests of the ONNX project as gradient tests: float in, float out, against central differences. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import proto from 'onnx-proto';
import { double, doubleType } from '../../src/autodiff/double.js';
import { grad } from '../../src/autodiff/grad.js';
import { type Prepared, prepare, typesOf } from '../../src/autodiff/prepare.js';
import { UserError } from '../../src/errors.js';
import { feeds, valuesByName } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { builderFor } from '../../src/ops/builder.js';
import { bake } from '../../src/rewrite/bake.js';
import { simplify } from '../../src/rewrite/simplify.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf, tensorOf } from '../../src/tensor/convert.js';
import { type DataType, dataTypeOf, isFloat, sizeOf } from '../../src/tensor/dtype.js';
import { random } from '../../src/tensor/random.js';
import { dataOf, memoryPayload, type Tensor, tensor } from '../../src/tensor/tensor.js';

export interface Outcome {
  readonly name: string;
  /** The op that the test is named after. */
  readonly op: string;
  readonly result: 'passes' | 'fails' | 'refused' | 'left out';
  readonly reason: string;
  readonly dtype?: 'float32' | 'float64';
  /** The largest error of a direction that counted. */
  readonly error?: number;
}

/** What goes in and out of the runtime without harm: some node tests of narrow types abort the process. */
const plain: readonly DataType[] = ['float32', 'float64', 'float16', 'int64', 'int32', 'bool', 'uint8', 'int8'];

/** Tests without a gradient to compare, with the reason. */
const leftOut: readonly (readonly [RegExp, string])[] = [
  [/bernoulli|training_dropout|dropout_random|multinomial/, 'random'],
  [/empty_set|zero_size|allowzero_reordered|slice_start_out_of_bounds/, 'empty sets'],
  [/loop11/, 'data-dependent trip count'],
  [/ai_onnx_ml/, 'another domain'],
  [/melweightmatrix/, 'its inputs choose bins: it is flat, and refused beside its data'],
];

/** Float inputs that say how something is done and are no data: the sizes that follow from them jump. */
const settings: Readonly<Record<string, readonly number[]>> = { Resize: [1, 2], Upsample: [1], Dropout: [1] };

export const isGradientTest = (graph: Graph): boolean =>
  [...graph.inputs, ...graph.outputs].every(({ type }) => type !== undefined && plain.includes(type.dtype)) &&
  feeds(graph).some(({ type }) => isFloat(type!.dtype)) &&
  graph.outputs.some(({ type }) => isFloat(type!.dtype));

/** The outcome of one test folder's model; undefined where nothing in it is float. */
export async function runNodeTest(file: string): Promise<Outcome | undefined> {
  const name = basename(dirname(file));
  const { graph } = load(file);
  if (!isGradientTest(graph)) return undefined;
  const op = graph.nodes.length === 1 ? graph.nodes[0]!.op : 'several';
  const reason = leftOut.find(([pattern]) => pattern.test(name))?.[1];
  if (reason) return { name, op, result: 'left out', reason };
  const data = new Map(feeds(graph).map((value, i) => [value.name, storedInput(file, i)]));
  let outcome: Compared | undefined;
  for (const attempt of attempts(graph, data)) {
    const found = await attempt().catch(
      (error): Compared => ({
        result: error instanceof UserError ? 'refused' : 'fails',
        reason: String(error.message),
      }),
    );
    // what float32 says of a failure counts: some double kernels of the runtime compute in float32
    if (!outcome || found.result !== 'refused') outcome = found;
    if (found.result === 'passes') break;
  }
  return { name, op, ...outcome! };
}

type Compared = Pick<Outcome, 'result' | 'reason' | 'dtype' | 'error'>;
type Data = ReadonlyMap<string, Tensor>;

/**
 * In float64, in float32 where that has no kernels, and last with sizes and indices as constants, which some rules need. Where no
 * direction counts, once more from a point further off.
 */
function* attempts(graph: Graph, data: Data): Generator<() => Promise<Compared>> {
  const settled = settingsOf(graph);
  const given = feeds(graph).filter((value) => !isFloat(value.type!.dtype) || settled.has(value));
  const fixed = bake(graph, new Map(given.map((value) => [value, data.get(value.name)!])));
  for (const version of given.length > 0 ? [graph, fixed] : [graph]) {
    for (const place of places) {
      yield async () => {
        const whole = double((await prepare(version)).graph);
        return compareGradients({ graph: whole, types: await typesOf(whole) }, data, 'float64', place);
      };
      yield async () => compareGradients(await prepare(version), data, 'float32', place);
    }
  }
}

/** Where gradients are taken: the stored data times `scale`, off ties and kinks by `jitter`. */
interface Place {
  readonly scale: number;
  readonly jitter: Readonly<Record<'float32' | 'float64', number>>;
}

const places: readonly Place[] = [
  { scale: 1, jitter: { float32: 4e-2, float64: 2e-3 } },
  { scale: 0.8, jitter: { float32: 0.3, float64: 0.3 } },
  { scale: 30, jitter: { float32: 0.3, float64: 0.3 } },
];

const steps = { float32: 4e-3, float64: 1e-5 };
const tolerances = { float32: 1e-2, float64: 1e-6 };
const epsilons = { float32: 2 ** -23, float64: 2 ** -52 };
const directions = 3;

async function compareGradients(
  { graph, types }: Prepared,
  data: ReadonlyMap<string, Tensor>,
  dtype: 'float32' | 'float64',
  { scale: factor, jitter }: Place,
): Promise<Compared> {
  const fed = new Map(feeds(graph).map((value) => [value, convert(data.get(value.name)!, value, dtype)]));
  const fixed = settingsOf(graph);
  const wrt = feeds(graph).filter(
    (value) => isFloat(value.type!.dtype) && !fixed.has(value) && sizeOf(fed.get(value)!.shape) > 0,
  );
  const ys = graph.outputs.filter((value) => isFloat(types.get(value)?.dtype ?? 'int64'));
  const start = new Map(wrt.map((value) => [value, jittered(value, fed.get(value)!, factor, jitter[dtype])]));
  const options = { optimization: dtype === 'float64' ? 'basic' : 'all', threads: 1 } as const;

  return withProgram(simplify({ ...graph, outputs: ys }), options, async (forward) => {
    const at = (values: ReadonlyMap<Value, Float64Array>, inputs: readonly Value[]) =>
      new Map(inputs.map((v) => [v, values.has(v) ? asFloats(values.get(v)!, fed.get(v)!.shape, dtype) : fed.get(v)!]));
    const run = async (values: ReadonlyMap<Value, Float64Array>) => forward.run(at(values, forward.inputs));
    const outputs = await run(start);
    const factors = new Map(ys.map((y, i) => [y, factorsFor(outputs.get(y)!, i)]));
    const value = async (values: ReadonlyMap<Value, Float64Array>): Promise<number> => {
      const results = await run(values);
      return ys.reduce((sum, y) => sum + dot(factors.get(y)!, numbers(results.get(y)!)), 0);
    };
    const gradients = await gradientsOf({ graph, types }, wrt, factors, (inputs) => at(start, inputs), options, dtype);
    const middle = await value(start);
    if (!Number.isFinite(middle)) return { result: 'fails', reason: 'not finite at its data', dtype };
    const noise = ys.reduce(
      (sum, y) => sum + Math.hypot(...sample(factors.get(y)!), ...sample(numbers(outputs.get(y)!))),
      0,
    );
    let counted = 0;
    let worst = 0;
    for (const input of wrt) {
      const x = start.get(input)!;
      const gradient = gradients.get(input)!;
      if (gradient.length !== x.length)
        return { result: 'fails', reason: `gradient of '${input.name}' has ${gradient.length} entries`, dtype };
      for (let i = 0; i < directions; i++) {
        const draw = random(i, `direction ${input.name}`);
        const direction = Float64Array.from(x, (_, k) => draw.normal(k));
        const h = steps[dtype];
        const moved = (by: number) => value(new Map([...start, [input, x.map((v, k) => v + by * direction[k]!)]]));
        const [right, left] = [await moved(h), await moved(-h)];
        const difference = (right - left) / (2 * h);
        const slope = dot(gradient, direction);
        const rounding = (8 * epsilons[dtype] * Math.max(noise, Math.abs(middle))) / h;
        const scale = Math.max(1, Math.abs(difference), Math.sqrt(dot(gradient, gradient)));
        const bend = Math.abs(right - 2 * middle + left) / h;
        if (!(bend <= 0.03 * scale + 2 * rounding)) continue;
        counted++;
        const error = Math.max(0, Math.abs(slope - difference) - rounding) / scale;
        if (!(error <= tolerances[dtype])) {
          return {
            result: 'fails',
            reason: `'${input.name}': gradient ${slope}, difference ${difference}`,
            dtype,
            error,
          };
        }
        worst = Math.max(worst, error);
      }
    }
    if (counted === 0) return { result: 'fails', reason: 'no direction counts', dtype };
    return { result: 'passes', reason: '', dtype, error: worst };
  });
}

/** A few of many: enough for the size of rounding errors. */
const sample = (x: Float64Array): number[] => Array.from(x.subarray(0, 4096));

async function gradientsOf(
  { graph, types }: Prepared,
  wrt: readonly Value[],
  factors: ReadonlyMap<Value, Float64Array>,
  feed: (inputs: readonly Value[]) => Map<Value, Tensor>,
  options: { readonly optimization: 'basic' | 'all'; readonly threads: number },
  dtype: 'float32' | 'float64',
): Promise<Map<Value, Float64Array>> {
  const g = builderFor(graph, 'sum');
  const sums = [...factors].map(([y, u]) => {
    const shape = types.get(y)!.shape!;
    const weights = g.constant(asFloats(u, [u.length], dtype));
    const flat = shape.length === 1 ? y : g.reshape(y, [-1]);
    return g.reduceSum(g.mul(flat, weights), [0]);
  });
  const total = sums.reduce((a, b) => g.add(a, b));
  const whole = g.appendTo(graph);
  const scalars = new Map(
    [...valuesByName(whole).values()].filter((v) => !types.has(v)).map((v) => [v, emittedType(v, g.nodes, dtype)]),
  );
  const made = grad(whole, total, wrt, { types: new Map([...types, ...scalars]) });
  const outputs = wrt.map((value) => made.gradients.get(value)!);
  const program = simplify({ ...made.graph, outputs: [...new Set(outputs)] });
  return withProgram(program, options, async ({ run, inputs }) => {
    const named = new Map([...(await run(feed(inputs)))].map(([value, t]) => [value.name, t]));
    return new Map(wrt.map((value, i) => [value, numbers(named.get(outputs[i]!.name)!)]));
  });
}

const emittedType = (value: Value, nodes: Graph['nodes'], dtype: 'float32' | 'float64') => {
  const op = nodes.find(({ outputs }) => outputs.includes(value))?.op;
  return value.type ?? { dtype, shape: op === 'Reshape' || op === 'Mul' ? [null] : [] };
};

function settingsOf(graph: Graph): ReadonlySet<Value> {
  return new Set(
    graph.nodes.flatMap(({ op, inputs }) => (settings[op] ?? []).flatMap((i) => (inputs[i] ? [inputs[i]] : []))),
  );
}

/** The `i`-th input beside a model file; the node tests keep tensors as raw data or in their typed field. */
function storedInput(model: string, i: number): Tensor {
  const file = join(dirname(model), 'test_data_set_0', `input_${i}.pb`);
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  const read = proto.onnx.TensorProto.decode(readFileSync(file));
  const dtype = dataTypeOf(read.dataType ?? 0)!;
  const shape = (read.dims ?? []).map(Number);
  const raw = Uint8Array.from(read.rawData ?? []);
  if (raw.length > 0 || sizeOf(shape) === 0) return { dtype, shape, payload: memoryPayload(raw) };
  if (read.int64Data?.length)
    return tensor(
      dtype,
      shape,
      BigInt64Array.from(read.int64Data, (v) => BigInt(String(v))),
    );
  if (read.doubleData?.length) return tensor(dtype, shape, Float64Array.from(read.doubleData));
  return tensorOf(dtype, shape, Float32Array.from((read.floatData?.length ? read.floatData : read.int32Data) ?? []));
}

const convert = (t: Tensor, { type }: Value, dtype: 'float32' | 'float64'): Tensor => {
  if (!isFloat(t.dtype)) return t;
  const wanted = dtype === 'float64' && type!.dtype === 'float64' ? 'float64' : type!.dtype;
  if (t.dtype === wanted) return t;
  return wanted === 'float64'
    ? asFloats(numbers(t), t.shape, 'float64')
    : tensorOf(doubleType(wanted) === wanted ? wanted : 'float32', t.shape, floatsOf(t));
};

/** Off ties and kinks; what is not finite becomes a number. */
function jittered(value: Value, t: Tensor, scale: number, by: number): Float64Array {
  const draw = random(7, value.name);
  const finite = (x: number): number => (Number.isFinite(x) ? x : x < 0 ? -30 : 0.5);
  return numbers(t).map((x, i) => scale * finite(x) + by * (draw.uniform(i) - 0.5) * Math.max(1, Math.abs(finite(x))));
}

/** What is not finite, as a masked score, is left out of the sum. */
function factorsFor(y: Tensor, i: number): Float64Array {
  const values = numbers(y);
  return values.map((value, k) => (Number.isFinite(value) ? Math.cos(1.7 * k + i) : 0));
}

const asFloats = (values: Float64Array, shape: readonly number[], dtype: 'float32' | 'float64'): Tensor =>
  dtype === 'float64' ? tensor(dtype, shape, values) : tensor(dtype, shape, Float32Array.from(values));

const numbers = (t: Tensor): Float64Array =>
  t.dtype === 'float64' ? Float64Array.from(dataOf(t) as Float64Array) : Float64Array.from(floatsOf(t));

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + (x === 0 ? 0 : x * b[i]!), 0);
