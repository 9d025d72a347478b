/** How long the model itself takes, not its working copy. */
import type { Samples } from '../data/index.js';
import { type Latency, latency } from '../evaluate/index.js';
import { feeds } from '../ir/graph.js';
import type { Graph, Value } from '../ir/types.js';
import type { CompileOptions } from '../runtime/program.js';
import { encode, floatsOf } from '../tensor/convert.js';
import { isFloat } from '../tensor/dtype.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { switches } from './working-copy.js';

export interface LatencyPair {
  readonly before: Latency;
  readonly after: Latency;
}

/** Both graphs on the first sample, one after the other; nothing where the runtime cannot be fed what they take. */
export async function measureLatency(
  before: Graph,
  after: Graph,
  samples: Samples,
  engine: CompileOptions,
): Promise<LatencyPair | undefined> {
  if (feeds(before).some(({ type }) => type?.dtype === 'bfloat16')) return undefined;
  const own: Samples = { ...samples, batch: (from, to) => asFed(before, samples.batch(from, to)) };
  return { before: await latency(before, own, engine), after: await latency(after, own, engine) };
}

/** Feeds of the working copy as the model takes them: floats in its own precision, and its cache switch off. */
function asFed(graph: Graph, fed: ReadonlyMap<Value, Tensor>): Map<Value, Tensor> {
  const byName = new Map([...fed].map(([{ name }, t]) => [name, t]));
  const fixed = switches(graph);
  return new Map(
    feeds(graph).flatMap((input) => {
      const t = byName.get(input.name) ?? fixed.get(input);
      return t ? [[input, inTypeOf(input, t)] as const] : [];
    }),
  );
}

function inTypeOf({ type }: Value, t: Tensor): Tensor {
  if (!type || type.dtype === t.dtype || !isFloat(type.dtype)) return t;
  return tensor(type.dtype, t.shape, encode(type.dtype, floatsOf(t)));
}
