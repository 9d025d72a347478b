/** The job of `scalpel gradcheck`: the gradients of a model against finite differences of the model itself. */
import { type Difference, takeDifferences } from '../../autodiff/differences.js';
import { UserError } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import type { JobContext } from '../../runtime/job.js';
import { sizeOf } from '../../tensor/dtype.js';
import { float32, type Tensor } from '../../tensor/tensor.js';
import { startEngine } from '../engine.js';
import { type Differentiated, differentiate } from '../grad/differentiate.js';
import { openModel } from '../open-model.js';
import { gradcheckFeeds } from './feeds.js';
import { type CheckPrograms, checkPrograms, numbers } from './programs.js';
import {
  type CheckedEntry,
  float32Tolerance,
  type GradcheckDocument,
  type GradcheckRequest,
  tolerances,
} from './request.js';

/** How many of the worst are told. */
const mostTold = 10;

export async function run(request: GradcheckRequest, context: JobContext): Promise<GradcheckDocument> {
  const started = performance.now();
  const model = openModel(request.model);
  const engine = await startEngine(request.engine, context);
  const made = await differentiate(model.graph, { ...request, weightsAsInputs: true });
  const { tensors, provenance } = await gradcheckFeeds(model.graph, made, request);
  const point = pointOf(made, tensors);
  const programs = await checkPrograms(made, differentiatedValue(made), tensors, engine);
  try {
    const { found, value, float32Error } = await compare(programs, made, tensors, point, request, context);
    const { dtype } = programs;
    const tolerance = request.tolerance ?? tolerances[dtype];
    const counted = found.filter(({ leftOut }) => !leftOut);
    const isClose = counted.length > 0 && counted.every(({ error }) => error <= tolerance);
    return {
      schemaVersion: 1,
      kind: 'gradcheck',
      model: request.model,
      of: made.of,
      ...(request.loss && { loss: request.loss }),
      value,
      dtype,
      tolerance,
      passed: isClose && !(float32Error > float32Tolerance),
      checked: counted.length,
      kinks: found.filter(({ leftOut }) => leftOut === 'kink').length,
      unclear: found.filter(({ leftOut }) => leftOut === 'noise').length,
      float32Error,
      worst: counted.slice(0, mostTold).map((each) => located(each, tensors.get(each.of)!.shape)),
      data: provenance,
      provider: engine.provider,
      timing: { totalSeconds: (performance.now() - started) / 1000 },
    };
  } finally {
    await programs.release();
  }
}

async function compare(
  { dtype, value, gradients, written }: CheckPrograms,
  made: Differentiated,
  tensors: ReadonlyMap<string, Tensor>,
  point: ReadonlyMap<string, Float64Array>,
  { directions, entries, seed, ...request }: GradcheckRequest,
  context: JobContext,
): Promise<{ found: readonly Difference[]; value: number; float32Error: number }> {
  const cotangent = numbers(tensors.get(made.seed?.name ?? '') ?? float32([], Float32Array.of(1)));
  const names = [...made.gradients.keys()];
  const found = await gradients.run(point);
  const claim = {
    dtype,
    point,
    gradients: new Map(names.map((name, i) => [name, found[i]!])),
    async value(at: ReadonlyMap<string, Float64Array>) {
      context.signal.throwIfAborted();
      const [y] = await value.run(at);
      return y!.reduce((sum, element, i) => sum + element * cotangent[i % cotangent.length]!, 0);
    },
  };
  const tolerance = request.tolerance ?? tolerances[dtype];
  const differences = await takeDifferences(claim, {
    ...{ directions, entries, tolerance, seed },
    onCheck: (done, total) => context.emit({ type: 'progress', stage: 'gradcheck', done, total, unit: 'differences' }),
  });
  const float32Error = dtype === 'float32' ? 0 : apart(await written.run(point), found);
  return { found: differences, value: await claim.value(point), float32Error };
}

/** The largest difference, relative to the largest entry of all. */
function apart(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  const largest = (arrays: readonly Float64Array[]): number =>
    arrays.reduce((most, each) => each.reduce((m, x) => Math.max(m, Math.abs(x)), most), 0);
  const off = largest(a.map((each, i) => each.map((x, k) => x - b[i]![k]!)));
  return off === 0 ? 0 : off / largest(b);
}

/** What is differentiated: the loss, or the output itself. */
export const differentiatedValue = (made: Differentiated): Value =>
  made.loss ?? made.graph.outputs.find(({ name }) => name === made.seed?.name.replace(/^(scalpel\/)*seed\//, ''))!;

/** The inputs and weights that are moved, by name. */
export function pointOf(made: Differentiated, tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Float64Array> {
  const names = [...made.gradients.keys()];
  const unknown = names.find((name) => !tensors.has(name));
  if (unknown !== undefined)
    throw new UserError(
      'gradcheck',
      `--wrt expected inputs and weights, got the inner value '${unknown}'; leave it out`,
    );
  return new Map(names.map((name) => [name, numbers(tensors.get(name)!)]));
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
