/** A graph without branches computes what the whole one does with zeros in their place. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { costsWithout } from '../../src/depth/costs.js';
import { drop } from '../../src/depth/drop.js';
import { gated } from '../../src/depth/gates.js';
import { apart } from '../../src/groups/apart.js';
import { costsOf } from '../../src/groups/costs.js';
import { flowsOf } from '../../src/groups/flows.js';
import type { Graph } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { random } from '../../src/tensor/random.js';
import { fed } from '../groups/fed.js';
import { networks as models } from '../groups/networks.js';
import { Network, width } from '../regions/network.js';
import { networks } from '../regions/networks.js';
import { closed } from './closed.js';
import { look } from './look.js';

const one = { threads: 1 };

/** Every seed another half of the branches, at least one. */
const someOf = <T>(all: readonly T[], seed: number): T[] => {
  const numbers = random(seed, 'branches');
  const first = numbers.integer(all.length, all.length);
  return all.filter((_, i) => i === first || numbers.uniform(i) < 0.5);
};

async function check(graph: Graph): Promise<number> {
  const { flows, branches } = await look(graph);
  const inputs = fed(flows);
  for (const seed of branches.length > 0 ? [0, 1] : []) {
    const gone = someOf(branches, seed);
    const small = drop(gone, graph);
    verify(small);
    expect(await apart(small, closed(flows.graph, gone), inputs, one)).toBeLessThan(1e-5);
    expect(costsWithout(flows, gone)).toEqual(costsOf(await flowsOf(workingCopy(small))));
    const factors = branches.map((branch) => Number(!gone.includes(branch)));
    const masked = gated(
      flows.graph,
      branches.map((branch) => [branch]),
      factors,
    ).graph;
    expect(await apart(masked, closed(flows.graph, gone), inputs, one)).toBeLessThan(1e-6);
    expect(await apart(small, flows.graph, inputs, one)).toBeGreaterThan(1e-6);
    // the interface and the tensors are those of the whole model
    expect([small.inputs, small.outputs]).toEqual([graph.inputs, graph.outputs]);
    for (const [value, stored] of small.initializers) expect(graph.initializers.get(value)).toBe(stored);
  }
  return branches.length;
}

test.each(
  models.filter(([name]) => /^(gpt|llama|encoder|bn-unfused|resnet|mobilenet|shared (resnet|stories))/.test(name)),
)('%s', async (_, path) => {
  expect(await check(load(path).graph)).toBeGreaterThan(0);
});

test.each(
  Object.entries(networks).filter(([name]) =>
    /attention and MLP|norms|no head|mask|past|encoder|U-Net|router/.test(name),
  ),
)('%s', async (_, { graph }) => {
  expect(await check(graph())).toBeGreaterThan(0);
});

describe('a sum that is an output of the model', () => {
  const graph = (): Graph => {
    const n = new Network();
    const x = n.linear(n.input('x', [2, width]));
    return n.graph(n.g.add(n.mlp(x), x));
  };

  test('keeps its name', async () => {
    expect(await check(graph())).toBe(1);
    const { branches } = await look(graph());
    const whole = graph();
    const small = drop(branches, whole);
    expect(small.outputs).toBe(whole.outputs);
    expect(small.nodes.map(({ op }) => op)).toEqual(['MatMul', 'Identity']);
  });
});

test('what stays is saved as it was', async () => {
  const path = models.find(([name]) => name === 'gpt-sotu')![1];
  const model = load(path);
  const { branches } = await look(model.graph);
  const small = drop(branches.slice(2, 4), model.graph);
  const kept = new Set(small.nodes);
  const readers = new Set(branches.slice(2, 4).map(({ sum }) => sum.name));
  for (const node of model.graph.nodes) {
    const reads = node.inputs.some((value) => value && readers.has(value.name));
    const stays = small.nodes.some(({ outputs }) => outputs[0]?.name === node.outputs[0]?.name);
    if (stays && !reads) expect(kept.has(node)).toBe(true);
  }
  const place = join(mkdtempSync(join(tmpdir(), 'scalpel-depth-')), 'small.onnx');
  await save({ ...model, graph: small }, place);
  const again = load(place).graph;
  verify(again);
  expect(again.nodes.map(({ name }) => name)).toEqual(small.nodes.map(({ name }) => name));
  expect([...again.initializers.keys()].map(({ name }) => name)).toEqual(
    [...small.initializers.keys()].map(({ name }) => name),
  );
});

test('a model that computes in a function what would have to go is refused', async () => {
  const n = new Network();
  const x = n.linear(n.input('x', [2, width]));
  const whole = n.graph(n.linear(n.g.add(n.mlp(x), x)));
  const { branches } = await look(whole);
  const without = { ...whole, nodes: whole.nodes.filter(({ op }) => op !== 'Add') };
  expect(() => drop(branches, without)).toThrow(/stands in a function or a branch/);
});
