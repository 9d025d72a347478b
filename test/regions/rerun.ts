/** Runs a graph region by region as the methods do, to hold it against running it whole. */

import { randomSamples } from '../../src/data/random-samples.js';
import type { Graph, Value } from '../../src/ir/types.js';
import type { Layer } from '../../src/ops/layers.js';
import { type Granularity, type Structure, schedule } from '../../src/regions/index.js';
import { extract } from '../../src/rewrite/extract.js';
import { tap } from '../../src/rewrite/tap.js';
import { annotate } from '../../src/runtime/annotate.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import type { Tensor } from '../../src/tensor/tensor.js';

type Tensors = ReadonlyMap<Value, Tensor>;

/** The largest difference, relative to each value's largest element, of anything that the regions make. */
export async function rerun(structure: Structure, granularity: Granularity, layers: readonly Layer[]): Promise<number> {
  const { graph } = structure;
  const types = await annotate(graph);
  const feeds = randomSamples(graph, types, 7).batch(0, 1);
  const plan = schedule(structure, granularity(structure), layers);
  const run = (part: Graph, from: Tensors): Promise<Map<Value, Tensor>> =>
    withProgram(part, { types, threads: 1, optimization: 'basic' }, (program) =>
      program.run(new Map(program.inputs.map((value) => [value, from.get(value)!]))),
    );

  const store = new Map(feeds);
  const { prelude } = plan;
  if (prelude.outputs.length > 0) {
    for (const [value, tensor] of await run(extract(graph, prelude.inputs, prelude.outputs), store))
      store.set(value, tensor);
  }
  const made = new Map<Value, Tensor>();
  for (const [i, region] of plan.regions.entries()) {
    const inputs = new Map(region.inputs.map((value) => [value, store.get(value)!]));
    for (const [value, tensor] of await run(extract(graph, region.inputs, region.outputs), inputs)) {
      store.set(value, tensor);
      made.set(value, tensor);
    }
    for (const [value, last] of plan.lastUse) if (last === i) store.delete(value);
  }
  const expected = await run({ ...tap(graph, made.keys()), outputs: [...made.keys()] }, feeds);
  return Math.max(...[...made].map(([value, tensor]) => difference(expected.get(value)!, tensor)));
}

function difference(expected: Tensor, actual: Tensor): number {
  if (String(expected.shape) !== String(actual.shape)) return Infinity;
  const a = floatsOf(expected);
  const b = floatsOf(actual);
  const scale = Math.max(
    1e-6,
    a.reduce((max, x) => Math.max(max, Number.isFinite(x) ? Math.abs(x) : 0), 0),
  );
  return a.reduce((max, x, i) => Math.max(max, Object.is(x, b[i]) ? 0 : Math.abs(x - b[i]!) / scale), 0);
}
