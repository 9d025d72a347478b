import { describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { findLayers } from '../../src/ops/layers.js';
import { findRegions, granularities, schedule } from '../../src/regions/index.js';
import { type PairWalk, propagatePair } from '../../src/regions/propagate-pair.js';
import { bake } from '../../src/rewrite/bake.js';
import { extract } from '../../src/rewrite/extract.js';
import { tap } from '../../src/rewrite/tap.js';
import { annotate } from '../../src/runtime/annotate.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { feedsOf, gpt } from './whole-models.js';

const graph = gpt();
const { layers } = findLayers(graph);
const structure = findRegions(graph, layers);
const chosen = layers.filter((layer) => !structure.leftByDefault.has(layer));
const halves = schedule(structure, granularities.half(structure), chosen);

/** Every weight halved: far from the dense model, and easy to make. */
const halved = new Map(
  chosen.map(({ weight, stored }): [Value, Tensor] => [
    weight,
    float32(
      stored.shape,
      floatsOf(stored).map((value) => value / 2),
    ),
  ]),
);

const run = (part: Graph, feeds: ReadonlyMap<Value, Tensor>, types: Awaited<ReturnType<typeof annotate>>) =>
  withProgram(part, { threads: 1, types }, (program) =>
    program.run(new Map(program.inputs.map((value) => [value, feeds.get(value)!]))),
  );

function expectClose(found: Tensor, expected: Tensor): void {
  const [a, b] = [floatsOf(expected), floatsOf(found)];
  const scale = a.reduce((max, x) => Math.max(max, Math.abs(x)), 1e-6);
  expect(a.reduce((max, x, i) => Math.max(max, Math.abs(x - b[i]!)), 0) / scale).toBeLessThan(1e-4);
}

describe('propagatePair', () => {
  test.each([
    ['dense', 'own'],
    ['sparse', 'own'],
    ['sparse', 'dense'],
    ['dense', 'dense'],
  ] as const)('feeds %s inputs and %s targets', async (inputs, targets) => {
    const types = await annotate(graph);
    const batches = await feedsOf(graph);
    const crossing = [...new Set(halves.regions.flatMap((region) => [...region.inputs, ...region.outputs]))];
    const wanted = crossing.filter((value) => !graph.inputs.includes(value));
    const whole = { ...tap(graph, wanted), outputs: wanted };
    const dense = await run(whole, batches[1]!, types);
    const sparse = await run(bake(whole, halved), batches[1]!, types);
    const walk: PairWalk = { graph, types, schedule: halves, batches, engine: { threads: 1 }, inputs, targets };
    let visits = 0;
    await propagatePair(walk, async ({ region, inputs: fed, teacher, targets: answers }) => {
      visits++;
      expect(teacher !== undefined).toBe(inputs === 'sparse' && targets === 'dense');
      for (const [value, t] of teacher?.at(1) ?? []) if (dense.has(value)) expectClose(t, dense.get(value)!);
      const own = new Set(region.layers.map(({ weight }) => weight));
      const given = fed.at(1);
      for (const [value, t] of given) {
        if (!graph.inputs.includes(value)) expectClose(t, (inputs === 'sparse' ? sparse : dense).get(value)!);
      }
      const part = extract(graph, region.inputs, region.outputs);
      const expected = targets === 'dense' ? dense : await run(part, given, types);
      // asked for at every other region: the walk goes on either way
      if (visits % 2 === 0) for (const [value, t] of (await answers()).at(1)) expectClose(t, expected.get(value)!);
      return new Map([...halved].filter(([value]) => own.has(value)));
    });
    expect(visits).toBe(halves.regions.length);
  });
});
