/** Branches that are found, and those that are refused with the reason. */
import { describe, expect, test } from 'vitest';
import { blocksOf } from '../../src/depth/blocks.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { fixturePath, networkNames } from '../autodiff/fixtures.js';
import { networks as models } from '../groups/networks.js';
import { shared } from '../helpers/shared.js';
import { Network, times, tokens, width } from '../regions/network.js';
import { networks } from '../regions/networks.js';
import { look } from './look.js';

const resnet56 = shared('models/resnet56-cifar10/resnet56_cifar10.onnx');

/** By the layers that their nodes hold. */
async function layersOf(graph: Graph): Promise<number[]> {
  const { branches, layers } = await look(graph);
  return branches.map(({ nodes }) => layers.filter(({ uses }) => uses.some(({ node }) => nodes.includes(node))).length);
}

const reasonsOf = async (graph: Graph): Promise<string[]> => (await look(graph)).refused.map(({ reason }) => reason);

describe('whole models', () => {
  // an attention with fused or single queries, keys and values, then an MLP; convolutions of residual blocks with a bare shortcut
  const expected: Readonly<Record<string, readonly number[]>> = {
    'cbf-fcn': [],
    'gpt-sotu': Array.from({ length: 6 }).flatMap(() => [2, 2]),
    gpt2: [2, 2, 2, 2],
    llama: [4, 3, 4, 3],
    encoder: [4, 2, 4, 2],
    'bn-unfused': [2],
    resnet: [2],
    mobilenet: [3, 3],
    densenet: [],
    unet: [],
    lstm: [],
    // its weights are random numbers that it draws: no matrices are stored
    'light_resnet50.onnx': Array.from({ length: 12 }, () => 0),
    'shared resnet20-cifar10': [2, 2, 2, 2, 2, 2, 2],
    'shared stories260k': Array.from({ length: 5 }).flatMap(() => [4, 3]),
  };

  test.each(models.filter(([name]) => name in expected))('%s', async (name, path) => {
    expect(await layersOf(load(path).graph)).toEqual(expected[name]);
  });

  test.runIf(resnet56)('ResNet-56: 27 blocks, two of which also widen what goes past them', async () => {
    const { graph } = load(resnet56!);
    expect(await layersOf(graph)).toEqual(Array.from({ length: 25 }, () => 2));
  });
});

describe('networks', () => {
  test.each([
    ['attention and MLP beside each other', [6, 6, 6]],
    ['norms behind the residual adds', [4, 2, 4, 2]],
    ['no head', [4, 2, 4, 2]],
    ['a mask, rotations from position ids, and cached keys as outputs', [4, 2, 4, 2, 4, 2]],
    // keys and values of what the encoder made are beside the stream
    ['an encoder that every block of a decoder reads', [4, 2, 4, 2, 4, 2, 2, 4, 2, 2, 4, 2, 2]],
    ['a U-Net of residual blocks', [2, 2, 2, 2, 2, 2, 2, 2]],
    ['two inputs with towers of their own', []],
    ['features that all later layers read', []],
    ['one attention in one node', [2, 2, 2, 2]],
  ])('%s', async (name, layers) => {
    expect(await layersOf(networks[name]!.graph())).toEqual(layers);
  });

  test('attention and MLP one after the other that read the same norm are two', async () => {
    const n = new Network();
    const step = (h: Value): Value => {
      const x = n.norm(h);
      return n.g.add(n.g.add(h, n.attention(x)), n.mlp(x));
    };
    expect(await layersOf(n.graph(n.linear(times(2, step, n.embed(tokens(n))))))).toEqual([4, 2, 4, 2]);
  });

  test('a Sum of two, and a sum that is an output of the model', async () => {
    const n = new Network();
    const x = n.linear(n.input('x', [2, width]));
    expect(await layersOf(n.graph(n.g.op('Sum', [n.mlp(x), x])))).toEqual([2]);
  });
});

describe('what stays', () => {
  const residual = (
    change: (n: Network, x: Value, made: Value) => Value[],
    inner = (n: Network, x: Value) => n.mlp(x),
  ) => {
    const n = new Network();
    const x = n.linear(n.input('x', [2, width]));
    const made = inner(n, x);
    return n.graph(...change(n, x, made));
  };

  test('what another value is made of too', async () => {
    const graph = residual((n, x, made) => [n.linear(n.g.add(made, x)), n.linear(made)]);
    expect(await layersOf(graph)).toEqual([]);
    expect(await reasonsOf(graph)).toEqual([expect.stringMatching(/is an output of the model, or is read outside/)]);
  });

  test('what is an output of the model', async () => {
    const graph = residual((n, x, made) => [n.linear(n.g.add(made, x)), made]);
    expect(await reasonsOf(graph)).toEqual([expect.stringMatching(/^'.*' is an output of the model$/)]);
  });

  test('attention whose keys are outputs; its MLP can go, and a block cannot', async () => {
    const n = new Network();
    const presents: Value[] = [];
    const step = (h: Value): Value => {
      const x = n.norm(h);
      const key = n.linear(x);
      presents.push(key);
      const scores = n.g.matmul(n.linear(x), n.g.transpose(key, [0, 2, 1]));
      const given = n.linear(n.g.matmul(n.g.op('Softmax', [scores], { axis: -1 }), n.linear(x)));
      const s = n.g.add(given, h);
      return n.g.add(n.mlp(n.norm(s)), s);
    };
    const graph = n.graph(n.linear(n.norm(times(2, step, n.embed(tokens(n))))), ...presents);
    expect(await layersOf(graph)).toEqual([2, 2]);
    expect(await reasonsOf(graph)).toEqual(presents.map(({ name }) => expect.stringContaining(`'${name}'`)));
    const { flows, layers, branches } = await look(graph);
    const { blocks, refused } = blocksOf(flows.graph, layers, branches);
    expect(blocks).toEqual([]);
    expect(refused.map(({ reason }) => reason)).toEqual([0, 1].map(() => expect.stringMatching(/would stay/)));
  });

  test('a block whose shortcut is a convolution, and what reads no stream', async () => {
    const n = new Network();
    const x = n.conv(n.input('x', [2, 1, 12]), 1);
    const wide = n.g.add(n.conv(n.conv(x)), n.conv(x));
    const position = n.g.add(
      wide,
      n.g.op('Slice', [n.weight(width, 12), n.g.ints([0]), n.g.ints([width]), n.g.ints([0])]),
    );
    expect(await layersOf(n.graph(n.conv(position)))).toEqual([]);
  });

  test('what is smaller than the sum', async () => {
    const n = new Network();
    const x = n.linear(n.input('x', [1, width]));
    const tall = n.g.matmul(n.weight(3, 1), n.mlp(x));
    expect(await layersOf(n.graph(n.linear(n.g.add(x, tall))))).toEqual([]);
  });

  test('a branch around others', async () => {
    const graph = residual(
      (n, x, made) => [n.linear(n.g.add(made, x))],
      (n, x) => {
        const h = n.linear(n.norm(x));
        return n.linear(n.g.add(n.mlp(h), h));
      },
    );
    expect(await layersOf(graph)).toEqual([2]);
    expect(await reasonsOf(graph)).toEqual(['branches that can go by themselves lie in it']);
  });

  test('an op that adds and normalises in one', async () => {
    const n = new Network();
    const x = n.embed(tokens(n));
    const inputs = [x, n.mlp(x), n.weight(width), n.weight(width)];
    const [y] = n.g.ops('SkipLayerNormalization', inputs, 1, {}, 'com.microsoft');
    const graph = n.graph(n.linear(y!));
    const whole = { ...graph, opsets: new Map([...graph.opsets, ['com.microsoft', 1]]) };
    expect(await layersOf(whole)).toEqual([]);
    expect(await reasonsOf(whole)).toEqual([
      expect.stringMatching(/^com\.microsoft\.SkipLayerNormalization .* in one/),
    ]);
  });
});

describe('blocks', () => {
  const countsOf = async (graph: Graph): Promise<number[]> => {
    const { flows, layers, branches } = await look(graph);
    return blocksOf(flows.graph, layers, branches).blocks.map((block) => block.length);
  };

  test.each([
    ['norms behind the residual adds', [2, 2]],
    ['an encoder that every block of a decoder reads', [2, 2, 3, 3, 3]],
    ['attention and MLP beside each other', [1, 1, 1]],
  ])('%s', async (name, counts) => {
    expect(await countsOf(networks[name]!.graph())).toEqual(counts);
  });

  test.runIf(networkNames.length > 0).each([
    ['gpt2', [2, 2]],
    ['llama', [2, 2]],
    ['mobilenet', [1, 1]],
    ['resnet', [1]],
  ])('%s', async (name, counts) => {
    expect(await countsOf(load(fixturePath(name, 'model.onnx')).graph)).toEqual(counts);
  });
});
