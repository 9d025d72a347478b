/** The first MLP half of the bundled language model, pruned by magnitude, with a few windows of random tokens. */

import type { Value } from '../../src/ir/types.js';
import { findLayers } from '../../src/ops/layers.js';
import { findParameters } from '../../src/ops/parameters.js';
import type { RegionTask } from '../../src/reconstruct/solver.js';
import { underMask } from '../../src/reconstruct/under-mask.js';
import { findRegions, granularities } from '../../src/regions/index.js';
import { bake } from '../../src/rewrite/bake.js';
import { extract } from '../../src/rewrite/extract.js';
import { annotate } from '../../src/runtime/annotate.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { feedsOf, gpt } from '../regions/whole-models.js';
import { engine } from './tasks.js';

export async function gptHalf(): Promise<RegionTask> {
  const graph = gpt();
  const { layers: all } = findLayers(graph);
  const region = granularities.half(findRegions(graph, all)).find(({ kind }) => kind === 'mlp')!;
  const { inputs, outputs, layers } = region;
  const types = await annotate(graph);
  const feeds = await feedsOf(graph);
  const ahead = extract(graph, graph.inputs, [...new Set([...inputs, ...outputs])]);
  const seen = await withProgram(ahead, engine, async (program) => {
    const found: ReadonlyMap<Value, Tensor>[] = [];
    for (const fed of feeds)
      found.push(await program.run(new Map(program.inputs.map((value) => [value, fed.get(value)!]))));
    return found;
  });
  const part = (values: readonly Value[], index: number) =>
    new Map(values.map((value) => [value, seen[index]!.get(value) ?? feeds[index]!.get(value)!]));
  const dense = extract(graph, inputs, outputs);
  const masks = new Map(layers.map(({ weight, stored }) => [weight, smallestHalf(stored)]));
  const pruned = bake(
    dense,
    new Map(layers.map(({ weight, stored }) => [weight, underMask(stored, masks.get(weight))])),
  );
  return {
    graph: pruned,
    dense,
    layers,
    masks,
    parameters: findParameters(pruned, layers),
    data: { count: seen.length, inputs: (i) => part(inputs, i), targets: (i) => part(outputs, i) },
    engine: { ...engine, types },
    seed: 1,
  };
}

/** 0 where a weight is smaller than the median. */
function smallestHalf(weight: Tensor): Tensor {
  const sizes = floatsOf(weight).map(Math.abs);
  const median = sizes.slice().sort()[sizes.length >> 1]!;
  return float32(
    weight.shape,
    sizes.map((size) => (size < median ? 0 : 1)),
  );
}
