/** Networks over series computed as pictures: the same values and gradients, and turned only where a region begins and ends. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.js';
import { type Prepared, typesOf } from '../../src/autodiff/prepare.js';
import { seriesLayout } from '../../src/autodiff/series-layout.js';
import { emptyGraph } from '../../src/ir/graph.js';
import type { AttrInput } from '../../src/ir/node.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { type Builder, builderFor } from '../../src/ops/builder.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';

interface Layers {
  readonly g: Builder;
  /** [4, 3, 12] */
  readonly x: Value;
  weight(name: string, shape: readonly number[]): Value;
  conv(x: Value, weight: readonly number[], attributes?: Readonly<Record<string, AttrInput>>, bias?: boolean): Value;
  norm(x: Value, channels: number, attributes?: Readonly<Record<string, AttrInput>>): Value;
}

/** A network whose weights are inputs. */
function networkOf(make: (layers: Layers) => Value): { graph: Graph; y: Value } {
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: [4, 3, 12] } };
  const g = builderFor(emptyGraph('network', [x]));
  const inputs = [x];
  const weight = (name: string, shape: readonly number[]): Value => {
    const value: Value = { name: `${name}${inputs.length}`, type: { dtype: 'float32', shape } };
    inputs.push(value);
    return value;
  };
  const y = make({
    g,
    x,
    weight,
    conv: (from, shape, attributes = {}, isBiased = false) =>
      g.op('Conv', [from, weight('w', shape), ...(isBiased ? [weight('b', [shape[0]!])] : [])], attributes),
    norm(from, channels, attributes = { training_mode: 1 }) {
      const parameters = ['scale', 'shift', 'mean', 'variance'].map((name) => weight(name, [channels]));
      return g.ops('BatchNormalization', [from, ...parameters], attributes.training_mode ? 3 : 1, attributes)[0]!;
    },
  });
  return { graph: { ...g.appendTo(emptyGraph('network', inputs)), outputs: [y] }, y };
}

/** The output, and the gradient of a sum of its squares towards the inputs. */
async function valuesOf({ graph, types }: Prepared, y: Value): Promise<Float32Array[]> {
  verify(graph);
  const wrt = graph.inputs.filter(({ name }) => !/^(mean|variance)/.test(name));
  const g = builderFor(graph, 'loss');
  const loss = g.op('ReduceSumSquare', [y], { keepdims: 0 });
  const known = new Map([...types, ...(await typesOf(g.appendTo(graph)))]);
  const { graph: whole, gradients } = grad(g.appendTo(graph), loss, wrt, { types: known });
  const outputs = [y, ...gradients.values()];
  const fed = new Map(
    graph.inputs.map(({ name, type }) => {
      const shape = type!.shape as readonly number[];
      const draws = random(3, name).normals(sizeOf(shape));
      return [name, float32(shape, name.startsWith('variance') ? draws.map((each) => 0.5 + Math.abs(each)) : draws)];
    }),
  );
  return withProgram({ ...whole, outputs }, { threads: 1 }, async ({ inputs, run }) => {
    const results = await run(new Map(inputs.map((input) => [input, fed.get(input.name)!])));
    return outputs.map((output) => Float32Array.from(floatsOf(results.get(output)!)));
  });
}

async function expectSame(graph: Graph, y: Value, turned: Prepared, tolerance = 1e-5): Promise<void> {
  const expected = await valuesOf({ graph, types: await typesOf(graph) }, y);
  const got = await valuesOf(turned, y);
  for (const [i, values] of expected.entries()) {
    const scale = Math.max(...values.map(Math.abs));
    const worst = Math.max(...values.map((each, j) => Math.abs(each - got[i]![j]!)));
    expect(worst).toBeLessThanOrEqual(tolerance * scale + 1e-6);
  }
}

const turnsOf = ({ nodes }: Graph): number =>
  nodes.filter(({ op, outputs: [y], inputs: [x] }) => op === 'Transpose' && x && y).length;

const same = { pads: [1, 1] };

const networks: Readonly<Record<string, { turns: number; make: (layers: Layers) => Value }>> = {
  'a convolution with a bias, stride and dilation': {
    turns: 2,
    make: ({ x, conv }) => conv(x, [4, 3, 3], { strides: [2], dilations: [2], pads: [3, 1] }, true),
  },
  'groups, padded by the shape': {
    turns: 2,
    make: ({ x, conv }) => conv(x, [6, 1, 4], { group: 3, auto_pad: 'SAME_UPPER' }),
  },
  'batch statistics, activations, pooling over time': {
    turns: 2,
    make({ g, x, conv, norm }) {
      const hidden = g.op('Relu', [norm(conv(x, [5, 3, 3], same), 5)]);
      return g.op('Flatten', [g.op('GlobalAveragePool', [g.op('Sigmoid', [conv(hidden, [4, 5, 3], same)])])]);
    },
  },
  'fixed statistics': {
    turns: 2,
    make: ({ x, conv, norm }) => norm(conv(x, [5, 3, 3], same), 5, { epsilon: { kind: 'float', value: 0.1 } }),
  },
  'a way around, from outside': {
    turns: 2,
    make: ({ g, x, conv, norm }) => g.op('Relu', [g.add(norm(conv(x, [3, 3, 3], same), 3), x)]),
  },
  'channels side by side behind a pool': {
    turns: 2,
    make({ g, x, conv }) {
      const narrow = conv(x, [2, 3, 1]);
      const pooled = g.op('MaxPool', [narrow], { kernel_shape: [3], pads: [1, 1] });
      return g.concat([conv(narrow, [2, 2, 3], same), conv(pooled, [3, 2, 1])], 1);
    },
  },
  'pieces of time side by side': {
    turns: 2,
    make: ({ g, x, conv }) => g.concat([conv(x, [2, 3, 1]), conv(x, [2, 3, 3])], -1),
  },
  'a mask over time and a factor per channel': {
    turns: 4,
    make({ g, x, weight, conv }) {
      const masked = g.mul(conv(x, [2, 3, 1]), weight('mask', [4, 1, 12]));
      return g.reduceSum(g.mul(g.add(masked, weight('factor', [2, 1])), weight('scale', [1, 2, 1])), [-1]);
    },
  },
  'another op in between': {
    turns: 5,
    make: ({ g, x, conv }) => conv(g.transpose(g.op('Relu', [conv(x, [3, 3, 3], same)]), [0, 2, 1]), [2, 12, 3]),
  },
  'values read on both sides': {
    turns: 3,
    make({ g, x, conv }) {
      const hidden = conv(x, [2, 3, 3], same);
      const [left, right] = [g.op('Flatten', [hidden]), g.op('Flatten', [g.op('Relu', [hidden])])];
      return g.concat([left, right], 1);
    },
  },
};

describe('seriesLayout', () => {
  test.each(Object.entries(networks))('%s: same values and gradients', async (_name, { make, turns }) => {
    const { graph, y } = networkOf(make);
    const turned = seriesLayout({ graph, types: await typesOf(graph) }, new Set());
    expect(turnsOf(turned.graph)).toBe(turns);
    await expectSame(graph, y, turned);
  });

  test.each([false, true])('wide convolutions with tiles %s: same values and gradients', async (tiles) => {
    const { graph, y } = networkOf(({ g, x, conv }) =>
      conv(g.op('Relu', [conv(x, [64, 3, 3], same)]), [64, 64, 5], { auto_pad: 'SAME_LOWER' }, true),
    );
    const turned = seriesLayout({ graph, types: await typesOf(graph) }, new Set(), tiles);
    expect(turned.graph.nodes.some(({ op }) => op === 'MatMul')).toBe(tiles);
    await expectSame(graph, y, turned, 2e-5);
  });

  test('a value that is asked for stays what the gradient is taken towards', async () => {
    let hidden: Value | undefined;
    const { graph, y } = networkOf(({ g, x, conv }) => {
      hidden = g.op('Relu', [conv(x, [2, 3, 3], same)]);
      return conv(hidden, [2, 2, 3]);
    });
    const types = await typesOf(graph);
    const turned = seriesLayout({ graph, types }, new Set([hidden!]));
    const slopes = await Promise.all(
      [{ graph, types }, turned].map(async (each) => {
        const { graph: whole, gradients } = grad(each.graph, y, [hidden!], { types: await typesOf(each.graph) });
        const output = gradients.get(hidden!)!;
        const fed = (name: string, shape: readonly number[]) => float32(shape, random(5, name).normals(sizeOf(shape)));
        return withProgram({ ...whole, outputs: [output] }, { threads: 1 }, async ({ inputs, run }) =>
          floatsOf((await run(new Map(inputs.map((i) => [i, fed(i.name, i.type!.shape as number[])])))).get(output)!),
        );
      }),
    );
    expect(slopes[0]!.some((slope) => slope !== 0)).toBe(true);
    for (const [i, slope] of slopes[0]!.entries()) expect(slopes[1]![i]).toBeCloseTo(slope, 5);
  });

  test.each<[string, (graph: Graph) => Graph]>([
    ['whose weights rest', (graph) => ({ ...graph, inputs: graph.inputs.slice(0, 1), initializers: atRest(graph) })],
    [
      'over a single series',
      (graph) => ({
        ...graph,
        inputs: [single, ...graph.inputs.slice(1)],
        nodes: graph.nodes.map((node) => ({ ...node, inputs: [single, ...node.inputs.slice(1)] })),
      }),
    ],
  ])('leaves a convolution %s', async (_name, change) => {
    const graph = change(networkOf(({ x, conv }) => conv(x, [4, 3, 3])).graph);
    const prepared = { graph, types: await typesOf(graph) };
    expect(seriesLayout(prepared, new Set())).toBe(prepared);
  });
});

const single: Value = { name: 'x', type: { dtype: 'float32', shape: [1, 3, 12] } };

const atRest = ({ inputs }: Graph): Graph['initializers'] =>
  new Map(
    inputs.slice(1).map((value) => [value, float32(value.type!.shape as number[], new Float32Array(36).fill(1))]),
  );
