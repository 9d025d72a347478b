/** Conversion tasks for tests: a model from a graph, everything chosen, nothing given. */
import type { Converted, ConvertTask, MadeModel } from '../../src/convert/index.js';
import { type TargetName, targetNamed } from '../../src/convert/index.js';
import type { Graph, Model } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { createLinalg } from '../../src/linalg/index.js';
import { type GivenOptions, settle } from '../../src/settings/index.js';

export const modelOf = (graph: Graph, irVersion = 10): Model => ({
  graph,
  irVersion,
  producer: 'test',
  metadata: new Map(),
});

export async function convert(
  model: Model,
  name: TargetName,
  given: GivenOptions = {},
  task: Partial<ConvertTask> = {},
): Promise<Converted & { readonly model: Model }> {
  const target = targetNamed(name);
  const linalg = await createLinalg({ threads: 1 });
  const converted = await target.convert(
    {
      ...{ model, copy: () => model.graph, isChosen: () => true, linalg },
      ...{ threads: 1, signal: new AbortController().signal, log: () => {} },
      ...task,
    },
    settle(target, given),
  );
  await linalg.release();
  const made = (converted.made as MadeModel).model;
  verify(made.graph);
  return { ...converted, model: made };
}
