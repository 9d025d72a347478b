/** The job of `scalpel gradcheck`: the gradients of a model against finite differences of the model itself. */
import { takeDifferences } from '../autodiff/differences.js';
import { double } from '../autodiff/double.js';
import type { GradientGraph } from '../autodiff/gradient-graph.js';
import { type Prepared, typesOf } from '../autodiff/prepare.js';
import { UserError } from '../errors.js';
import type { Value } from '../ir/types.js';
import { load } from '../onnx/load.js';
import { simplify } from '../rewrite/simplify.js';
import type { JobContext } from '../runtime/job.js';
import { type CompileOptions, compile, type Program } from '../runtime/program.js';
import { sizeOf } from '../tensor/dtype.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';
import { differentiate } from './differentiate.js';
import { startEngine } from './engine.js';
import { gradcheckFeeds } from './gradcheck-feeds.js';
import type { CheckedEntry, GradcheckDocument, GradcheckRequest } from './gradcheck-request.js';

const tolerances = { float64: 1e-5, float32: 5e-2 } as const;

/** How many of the worst are told. */
const mostTold = 10;

export async function run(request: GradcheckRequest, context: JobContext): Promise<GradcheckDocument> {
  const started = performance.now();
  const model = load(request.model);
  const engine = await startEngine(request.engine, context);
  const made = await differentiate(model.graph, { ...request, weightsAsInputs: true });
  const { tensors, provenance } = await gradcheckFeeds(model.graph, made, request);
  const precise = (await inDouble(made.prepared, made.again, engine)) ?? {
    ...(await programsOf(made, engine)),
    dtype: 'float32' as const,
  };
  const { graph, gradient, forward, dtype } = precise;
  const tolerance = request.tolerance ?? tolerances[dtype];
  try {
    const cotangent = numbers(tensors.get(graph.seed?.name ?? '') ?? tensor('float32', [], Float32Array.of(1)));
    const fed = (inputs: readonly Value[], at: ReadonlyMap<string, Float64Array>) =>
      new Map(inputs.map((input) => [input, inType(tensors.get(input.name)!, input, at.get(input.name))]));
    const differentiated = new Set(graph.gradients.keys());
    const point = new Map(
      [...tensors].filter(([name]) => differentiated.has(name)).map(([name, t]) => [name, numbers(t)]),
    );
    const unknown = [...differentiated].find((name) => !point.has(name));
    if (unknown !== undefined)
      throw new UserError(
        'gradcheck',
        `--wrt expected inputs and weights, got the inner value '${unknown}'; leave it out`,
      );
    const results = await gradient.run(fed(gradient.inputs, point));
    const claim = {
      dtype,
      point,
      gradients: new Map([...graph.gradients].map(([name, value]) => [name, numbers(results.get(value)!)])),
      async value(at: ReadonlyMap<string, Float64Array>) {
        context.signal.throwIfAborted();
        const [y] = [...(await forward.run(fed(forward.inputs, at))).values()];
        return numbers(y!).reduce((sum, element, i) => sum + element * cotangent[i % cotangent.length]!, 0);
      },
    };
    const found = await takeDifferences(claim, {
      ...{ directions: request.directions, entries: request.entries, tolerance, seed: request.seed },
      onCheck: (done, total) =>
        context.emit({ type: 'progress', stage: 'gradcheck', done, total, unit: 'differences' }),
    });
    const smooth = found.filter(({ isKink }) => !isKink);
    return {
      schemaVersion: 1,
      kind: 'gradcheck',
      model: request.model,
      of: made.of,
      ...(request.loss && { loss: request.loss }),
      value: await claim.value(point),
      dtype,
      tolerance,
      passed: smooth.every(({ error }) => error <= tolerance),
      checked: smooth.length,
      kinks: found.length - smooth.length,
      worst: smooth.slice(0, mostTold).map((each) => located(each, tensors.get(each.of)!.shape)),
      data: provenance,
      provider: engine.provider,
      timing: { totalSeconds: (performance.now() - started) / 1000 },
    };
  } finally {
    await gradient.release();
    await forward.release();
  }
}

interface Programs {
  readonly graph: GradientGraph;
  /** All gradients. */
  readonly gradient: Program;
  /** The loss, or the value that is differentiated. */
  readonly forward: Program;
}

async function programsOf(made: GradientGraph & { readonly of?: string }, options: CompileOptions): Promise<Programs> {
  const value =
    made.loss ?? made.graph.outputs.find(({ name }) => name === made.seed?.name.replace(/^(scalpel\/)*seed\//, ''));
  const gradients = simplify({ ...made.graph, outputs: [...made.gradients.values()] });
  const alone = simplify({ ...made.graph, outputs: [value!] });
  const gradient = await compile(gradients, options);
  try {
    return { graph: made, gradient, forward: await compile(alone, options) };
  } catch (error) {
    await gradient.release();
    throw error;
  }
}

/** Undefined where the runtime lacks a kernel for float64. */
async function inDouble(
  prepared: Prepared,
  again: (prepared: Prepared) => Promise<GradientGraph>,
  options: CompileOptions,
): Promise<(Programs & { dtype: 'float64' }) | undefined> {
  try {
    const graph = double(prepared.graph);
    const made = await again({ graph, types: await typesOf(graph) });
    return { ...(await programsOf(made, { ...options, optimization: 'basic' })), dtype: 'float64' };
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

const numbers = (t: Tensor): Float64Array => Float64Array.from(dataOf(t) as Float32Array, Number);

/** What an input is fed: floats in its type, from `moved` where they are moved. */
function inType(t: Tensor, { type }: Value, moved: Float64Array | undefined): Tensor {
  if (t.dtype !== 'float32' && t.dtype !== 'float64') return t;
  const values = moved ?? numbers(t);
  return type?.dtype === 'float64'
    ? tensor('float64', t.shape, values)
    : tensor('float32', t.shape, Float32Array.from(values));
}

function located(difference: CheckedEntry, shape: readonly number[]): CheckedEntry {
  if (difference.entry === undefined) return difference;
  let rest = difference.entry;
  const indices = shape.map((_, axis) => {
    const below = sizeOf(shape.slice(axis + 1));
    const index = Math.floor(rest / below);
    rest -= index * below;
    return index;
  });
  return { ...difference, indices };
}
