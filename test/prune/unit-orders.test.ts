/** Orders of units: what the report says the pattern keeps is what pruning keeps. */
import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { apart } from '../../src/groups/apart.js';
import { flowsOf } from '../../src/groups/flows.js';
import { permuted } from '../../src/groups/permute.js';
import type { Graph } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { findLayers, type Layer } from '../../src/ops/layers.js';
import { readMatrices } from '../../src/ops/matrices.js';
import { magnitude } from '../../src/prune/magnitude.js';
import { pruneLayer } from '../../src/prune/prune-layer.js';
import { type OrderTask, unitOrders } from '../../src/prune/unit-orders.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { fixturePath, networkNames } from '../autodiff/fixtures.js';
import { fed } from '../groups/fed.js';
import { networks } from '../groups/networks.js';
import { graphOf, input } from '../ops/graphs.js';

const pattern = { kind: 'n:m', n: 2, m: 4 } as const;

async function taskFor(graph: Graph): Promise<OrderTask> {
  const flows = await flowsOf(workingCopy(graph));
  return {
    flows,
    of: graph,
    layers: findLayers(flows.graph).layers,
    pattern,
    selection: 'exact',
    scoresOf: async (layer) => readMatrices(layer).map(Math.abs),
    seed: 0,
  };
}

/** Σ |w| that magnitude leaves, over Σ |w|. */
async function keptByPruning(layers: readonly Layer[]): Promise<number> {
  let [kept, whole] = [0, 0];
  for (const layer of layers) {
    const data = readMatrices(layer);
    const { columns, kernel = [] } = layer.layout;
    const segment = columns / sizeOf(kernel);
    const weight = { ...layer.layout, data };
    const pruned = await pruneLayer(magnitude, { layer: layer.name, weight, pattern, segment });
    for (const w of pruned.weight) kept += Math.abs(w);
    for (const w of data) whole += Math.abs(w);
  }
  return kept / whole;
}

const small = ['mnist-cnn', 'cbf-fcn', 'gpt2', 'llama', 'mobilenet', 'densenet', 'inception', 'lstm', 'resnet', 'unet'];

describe('orders that keep more, of the same model', () => {
  test.each(networks.filter(([name]) => small.includes(name)))('%s', async (_, path) => {
    const { graph } = load(path);
    const task = await taskFor(graph);
    const found = await unitOrders(task);
    const moved = permuted(task.flows, new Map(found.map(({ group, order }) => [group.units, order])), graph);
    expect(await apart(moved, graph, fed(task.flows), { threads: 1 })).toBeLessThan(1e-5);
    const after = new Map(findLayers(workingCopy(moved)).layers.map((layer) => [layer.name, layer]));
    for (const { layers, kept } of found) {
      expect(kept.after).toBeGreaterThan(kept.before);
      expect(await keptByPruning(layers)).toBeCloseTo(kept.before, 6);
    }
    // of a layer that reads two groups, the share is with both in their new order
    const alone = found.filter(({ layers }) =>
      layers.every((layer) => found.filter((other) => other.layers.includes(layer)).length === 1),
    );
    for (const { layers, kept } of alone) {
      expect(await keptByPruning(layers.map(({ name }) => after.get(name)!))).toBeCloseTo(kept.after, 6);
    }
  });

  test.runIf(networkNames.length > 0)('something is found in most networks', async () => {
    for (const name of ['gpt2', 'mobilenet', 'resnet', 'lstm']) {
      const found = await unitOrders(await taskFor(load(fixturePath(name, 'model.onnx')).graph));
      expect(found.length).toBeGreaterThan(0);
    }
  });
});

test('neurons whose sizes alternate in fours are shared out; the same seed, the same order', async () => {
  const x = input('x', [2, 8]);
  const draw = random(0, 'weights');
  const graph = graphOf([x], (g) => {
    const into = g.constant(float32([8, 16], draw.normals(128)), 'into');
    // four large neurons, four small ones, and again
    const sizes = Float32Array.from({ length: 16 * 8 }, (_, i) => (Math.floor(i / 8 / 4) % 2 === 0 ? 10 : 1));
    const out = g.constant(float32([16, 8], sizes), 'out');
    return [g.matmul(g.op('Relu', [g.matmul(x, into)]), out)];
  });
  const [found, again] = [await unitOrders(await taskFor(graph)), await unitOrders(await taskFor(graph))];
  expect(found).toHaveLength(1);
  expect(found[0]!.order).toEqual(again[0]!.order);
  // 32 of 64 large and 32 of 64 small ones, and then all large ones
  expect(found[0]!.kept.before).toBeCloseTo(0.5, 6);
  expect(found[0]!.kept.after).toBeCloseTo(640 / 704, 6);
});
