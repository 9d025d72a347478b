/** What a gradient graph is fed when it is checked: data or random numbers, stored weights, and a target. */
import { feedsFor, type Provenance } from '../../data/index.js';
import { randomSamples } from '../../data/random-samples.js';
import { feeds, valuesByName } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import { widenTensor } from '../../onnx/widen-tensor.js';
import { constantsOf } from '../../ops/constants.js';
import { simplify } from '../../rewrite/simplify.js';
import { annotate } from '../../runtime/annotate.js';
import { withProgram } from '../../runtime/program.js';
import { tensorOf } from '../../tensor/convert.js';
import { sizeOf } from '../../tensor/dtype.js';
import { random } from '../../tensor/random.js';
import { int64, type Tensor } from '../../tensor/tensor.js';
import type { Differentiated } from '../grad/differentiate.js';
import { openData } from '../open-data.js';
import { workingCopy } from '../working-copy.js';
import type { GradcheckRequest } from './request.js';

/** Samples of a check, where nobody says how many. */
const fewSamples = 4;

/** Every input of the gradient graph by name. A target that the data lacks is drawn: class ids, probabilities, numbers. */
export async function gradcheckFeeds(
  model: Graph,
  made: Differentiated,
  request: GradcheckRequest,
): Promise<{ tensors: ReadonlyMap<string, Tensor>; provenance: Provenance }> {
  const copy = workingCopy(model);
  const samples = request.data
    ? await openData(copy, request.model, request.data)
    : randomSamples(copy, await annotate(copy), request.seed);
  const count = Math.min(samples.count, request.engine.batch ?? fewSamples);
  const batch = feedsFor(feeds(copy), samples.batch(0, count));
  const tensors = new Map([...batch].map(([value, t]) => [value.name, t]));
  const stored = valuesByName(made.model);
  const constants = constantsOf(made.model);
  for (const { name } of feeds(made.graph)) {
    const value = stored.get(name);
    const t = value && constants.tensorOf(value);
    if (t && !tensors.has(name)) tensors.set(name, wide(t));
  }
  const extra = [made.target, made.seed].filter((value) => value !== undefined);
  for (const value of extra) {
    const shape = await shapeAt(made, value, tensors);
    const labels = value === made.target && samples.labels;
    const fits = labels && sizeOf(shape) === count;
    tensors.set(
      value.name,
      fits ? int64(shape, Array.from(labels.slice(0, count))) : drawn(value, shape, made, request),
    );
  }
  return { tensors, provenance: samples.provenance };
}

const wide = (t: Tensor): Tensor => (t.dtype === 'float16' || t.dtype === 'bfloat16' ? widenTensor(t) : t);

/** The shape of a target or seed for these inputs: that of the value it belongs to, run once, as sizes may be the data's. */
async function shapeAt(
  { graph, prepared, of }: Differentiated,
  value: Value,
  tensors: ReadonlyMap<string, Tensor>,
): Promise<readonly number[]> {
  const source = valuesByName(prepared.graph).get(of)!;
  const shape = await withProgram(simplify({ ...prepared.graph, outputs: [source] }), {}, async ({ inputs, run }) => {
    const results = await run(new Map(inputs.map((input) => [input, tensors.get(input.name)!])));
    return [...results.values()][0]!.shape;
  });
  return shape.slice(0, value.type?.shape?.length ?? graph.outputs.length);
}

function drawn(value: Value, shape: readonly number[], made: Differentiated, { loss, seed }: GradcheckRequest): Tensor {
  const draw = random(seed, value.name);
  const size = sizeOf(shape);
  if (value.type?.dtype === 'int64') {
    const scores = made.prepared.types.get(valuesByName(made.prepared.graph).get(made.of)!)?.shape?.at(-1);
    const classes = typeof scores === 'number' ? scores : 2;
    return int64(
      shape,
      Array.from({ length: size }, (_, i) => draw.integer(i, classes)),
    );
  }
  if (loss !== 'kl') return tensorOf('float32', shape, draw.normals(size));
  const classes = shape.at(-1) ?? 1;
  const weights = draw.uniforms(size).map((u) => u + 0.1);
  const total = (row: number): number =>
    weights.slice(row * classes, (row + 1) * classes).reduce((sum, u) => sum + u, 0);
  return tensorOf(
    'float32',
    shape,
    weights.map((u, i) => u / total(Math.floor(i / classes))),
  );
}
