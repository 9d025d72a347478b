/** Criteria for blocks against their definitions, and what they are shown against other ways to find it. */
import { describe, expect, test } from 'vitest';
import type { Branch } from '../../../src/depth/branches.js';
import { drop } from '../../../src/depth/drop.js';
import { gated } from '../../../src/depth/gates.js';
import { feeds } from '../../../src/ir/graph.js';
import type { Graph, Value } from '../../../src/ir/types.js';
import { builderFor } from '../../../src/ops/builder.js';
import { chooseBlocks } from '../../../src/prune/blocks/choose.js';
import { cosinesOf } from '../../../src/prune/blocks/cosines.js';
import { type BlockCriterionName, type BlockInput, blockCriteria } from '../../../src/prune/blocks/index.js';
import { risesOf } from '../../../src/prune/blocks/rises.js';
import { slopesOf } from '../../../src/prune/blocks/slopes.js';
import { tap } from '../../../src/rewrite/tap.js';
import { withProgram } from '../../../src/runtime/program.js';
import { floatsOf } from '../../../src/tensor/convert.js';
import { random } from '../../../src/tensor/random.js';
import { float32, type Tensor } from '../../../src/tensor/tensor.js';
import { look } from '../../depth/look.js';
import { Network, width } from '../../regions/network.js';

const input: BlockInput = {
  names: ['a', 'b', 'c'],
  norms: Float64Array.of(3, 1, 2),
  cosines: Float64Array.of(0.9, 0.2, -0.5),
  slopes: [Float64Array.of(1, -2, 3), Float64Array.of(0, 4, 1)],
  rises: Float64Array.of(0.1, -0.2, 0.4),
  seed: 0,
};

test.each<[BlockCriterionName, readonly number[]]>([
  ['magnitude', [3, 1, 2]],
  ['block-influence', [0.1, 0.8, 1.5]],
  ['taylor', [0.5, 10, 5]],
  ['loss', [0.1, -0.2, 0.4]],
])('%s', (name, scores) => {
  const found = blockCriteria[name].score(input);
  for (const [i, score] of scores.entries()) expect(found[i]).toBeCloseTo(score, 12);
});

test('random scores depend on the seed and on the block alone', () => {
  const of = (changes: Partial<BlockInput>): number[] => [...blockCriteria.random.score({ ...input, ...changes })];
  expect(of({})).toEqual(of({}));
  expect(of({ seed: 1 })).not.toEqual(of({}));
  expect(of({ names: ['c', 'b', 'a'] })).toEqual(of({}).toReversed());
});

test.each([
  [0, [1, 1, 1]],
  [0.3, [1, 0, 1]],
  [0.6, [1, 0, 0]],
  [1, [0, 0, 0]],
])('at %f the lowest go', (sparsity, living) => {
  expect([...chooseBlocks(Float64Array.of(3, 1, 2), sparsity)]).toEqual(living);
});

test('of equal scores the last goes', () => {
  expect([...chooseBlocks(Float64Array.of(1, 1, 1), 0.3)]).toEqual([1, 1, 0]);
});

/** Two residual blocks behind a layer; a squared error stands for the loss. */
async function subject() {
  const n = new Network();
  const x = n.input('x', ['batch', width]);
  const [a, b] = [n.linear(x), n.mlp];
  const first = n.g.add(a, b(n.norm(a)));
  const { branches, flows } = await look(n.graph(n.g.add(first, n.mlp(n.norm(first)))));
  const batches = [0, 1].map((seed) => float32([3, width], random(seed, 'x').normals(3 * width)));
  return { graph: flows.graph, blocks: branches.map((branch) => [branch]), batches };
}

function withLoss(graph: Graph) {
  const g = builderFor(graph, 'loss');
  const [y] = graph.outputs as [Value];
  const mean = g.op('ReduceMean', [g.mul(y, y)], { keepdims: 0 });
  const loss: Value = { ...mean, type: { dtype: 'float32', shape: [] } };
  const last = { ...g.nodes.at(-1)!, outputs: [loss] };
  const nodes = [...graph.nodes, ...g.nodes.slice(0, -1), last];
  return {
    graph: { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]), outputs: [] },
    loss,
  };
}

const options = { threads: 1, signal: new AbortController().signal };

const run = (graph: Graph, outputs: readonly Value[], x: Tensor): Promise<Float32Array[]> =>
  withProgram({ ...graph, outputs }, { threads: 1 }, async (program) => {
    const results = await program.run(new Map(feeds(graph).map((value) => [value, x])));
    return outputs.map((value) => floatsOf(results.get(value)!));
  });

const lossOf = async (graph: Graph, x: Tensor): Promise<number> => {
  const open = withLoss(graph);
  return (await run(open.graph, [open.loss], x))[0]![0]!;
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const one = [1, 1];

describe('of two residual blocks', () => {
  test('cosines are those of what goes past with the sum', async () => {
    const { graph, blocks, batches } = await subject();
    const fed = batches.map((x) => new Map([[graph.inputs[0]!, x]]));
    const found = await cosinesOf(graph, blocks, fed, options);
    for (const [i, branches] of blocks.entries()) {
      const [{ past, sum }] = branches as [Branch];
      const cosines: number[] = [];
      for (const x of batches) {
        const [u, v] = (await run(tap(graph, [past, sum]), [past, sum], x)) as [Float32Array, Float32Array];
        const dot = (p: Float32Array, q: Float32Array): number => p.reduce((all, value, at) => all + value * q[at]!, 0);
        for (let row = 0; row < 3; row++) {
          const [p, q] = [u, v].map((all) => all.subarray(row * width, (row + 1) * width)) as [
            Float32Array,
            Float32Array,
          ];
          cosines.push(dot(p, q) / Math.sqrt(dot(p, p) * dot(q, q)));
        }
      }
      expect(found[i]).toBeCloseTo(mean(cosines), 6);
    }
  });

  test('slopes are differences of the loss as gates open', async () => {
    const { graph, blocks, batches } = await subject();
    const { graph: whole, gates } = gated(graph, blocks, one);
    const open = withLoss(whole);
    const found = await slopesOf(
      open,
      gates,
      batches.map((x) => new Map([['x', x]])),
      options,
    );
    expect(found).toHaveLength(batches.length);
    const step = 1 / 64;
    for (const [at, x] of batches.entries()) {
      for (const [block] of blocks.entries()) {
        const moved = (by: number): Promise<number> =>
          lossOf(
            gated(
              graph,
              blocks,
              one.map((factor, i) => factor + (i === block ? by : 0)),
            ).graph,
            x,
          );
        const slope = ((await moved(step)) - (await moved(-step))) / (2 * step);
        expect(Math.abs(found[at]![block]! - slope)).toBeLessThan(1e-3 * Math.abs(slope) + 1e-3);
      }
    }
  });

  test('rises are those of the loss of the graph without a block', async () => {
    const { graph, blocks, batches } = await subject();
    const { graph: whole, gates } = gated(graph, blocks, one);
    const found = await risesOf(
      withLoss(whole),
      gates,
      batches.map((x) => new Map([['x', x]])),
      options,
    );
    for (const [block, branches] of blocks.entries()) {
      const rises = await Promise.all(
        batches.map(async (x) => (await lossOf(drop(branches, graph), x)) - (await lossOf(graph, x))),
      );
      expect(Math.abs(found[block]! - mean(rises))).toBeLessThan(1e-5 * Math.abs(mean(rises)) + 1e-5);
    }
  });
});

test('vectors of pictures are those of all channels at one place', async () => {
  const n = new Network();
  const x = n.conv(n.input('x', [2, 1, 12]), 1);
  const { branches, flows } = await look(n.graph(n.g.add(n.conv(x), x)));
  const data = float32([2, 1, 12], random(0, 'x').normals(24));
  const found = await cosinesOf(flows.graph, [branches], [new Map([[flows.graph.inputs[0]!, data]])], options);
  const [{ past, sum }] = branches as [Branch];
  const [u, v] = (await run(tap(flows.graph, [past, sum]), [past, sum], data)) as [Float32Array, Float32Array];
  const cosines: number[] = [];
  for (let sample = 0; sample < 2; sample++) {
    for (let place = 0; place < 12; place++) {
      const at = Array.from({ length: width }, (_, channel) => (sample * width + channel) * 12 + place);
      const dot = (p: Float32Array, q: Float32Array): number => at.reduce((all, i) => all + p[i]! * q[i]!, 0);
      const norms = Math.sqrt(dot(u, u) * dot(v, v));
      // where nothing fires there is no direction: no cosine, and none is counted as 1
      cosines.push(norms > 0 ? dot(u, v) / norms : 0);
    }
  }
  expect(found[0]).toBeCloseTo(mean(cosines), 5);
});
