import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { load } from '../../src/onnx/load.js';
import { findLayers } from '../../src/ops/layers.js';
import { findRegions, type GranularityName, granularities, type Structure, schedule } from '../../src/regions/index.js';
import { shared } from '../helpers/shared.js';
import { rerun } from './rerun.js';

const open = (path: string): Structure => {
  const { graph } = load(path);
  return findRegions(graph, findLayers(graph).layers);
};

/** `attention` x 4 layers and `mlp` x 2 layers reads `attention:4 mlp:2`. */
const outline = (structure: Structure, granularity: GranularityName): string =>
  granularities[granularity](structure)
    .map(({ kind, layers }) => `${kind}:${layers.length}`)
    .join(' ');

const repeat = (text: string, times: number): string => Array.from({ length: times }, () => text).join(' ');

const residual = (blocks: number): string => `conv:1 ${repeat('conv:2', blocks)}`;

const models: readonly (readonly [path: string, half: string, block: string])[] = [
  ['models/gpt-sotu/model.onnx', `${repeat('attention:2 mlp:2', 6)} head:1`, `${repeat('block:4', 6)} head:1`],
  ['models/stories260k/stories260K.onnx', `${repeat('attention:4 mlp:3', 5)} head:1`, `${repeat('block:7', 5)} head:1`],
  ['models/resnet20-cifar10/resnet20_cifar10.onnx', `${residual(9)} head:1`, `${residual(9)} head:1`],
  ['models/resnet20-cifar10/resnet20-pm1.onnx', `${residual(9)} head:1`, `${residual(9)} head:1`],
  ['models/resnet56-cifar10/resnet56_cifar10.onnx', `${residual(27)} head:1`, `${residual(27)} head:1`],
  ['models/fcn-ucr/CBF_fcn.onnx', 'conv:1 conv:1 conv:1 head:1', 'conv:1 conv:1 conv:1 head:1'],
  ['models/mnist-cnn/Convnet_maxpool.onnx', 'conv:1 head:1', 'conv:1 head:1'],
  ['models/tabular/adult_ann.onnx', 'mlp:1 mlp:1 mlp:1 head:1', 'mlp:1 mlp:1 mlp:1 head:1'],
  ['models/tabular/adult_linear.onnx', 'head:1', 'head:1'],
  ['models/mobilenet-vww/mobilenetv1_025_vww96.onnx', `${repeat('conv:1', 27)} head:1`, ''],
  ['models/squeezenet-imagenet/squeezenet1.0.onnx', `conv:1 ${repeat('conv:1 conv:2', 8)} head:1`, ''],
  [
    'fixtures/gradients/bn-unfused/model.onnx',
    'conv:1 conv:2 conv:3 conv:3 head:1',
    'conv:1 conv:2 conv:3 conv:3 head:1',
  ],
  [
    'fixtures/gradients/densenet/model.onnx',
    'conv:1 conv:1 conv:1 conv:1 head:1',
    'conv:1 conv:1 conv:1 conv:1 head:1',
  ],
  [
    'fixtures/gradients/encoder/model.onnx',
    `conv:1 ${repeat('attention:4 mlp:2', 2)} head:1`,
    `conv:1 ${repeat('block:6', 2)} head:1`,
  ],
  ['fixtures/gradients/fcn/model.onnx', 'conv:1 conv:1 conv:1 head:1', 'conv:1 conv:1 conv:1 head:1'],
  ['fixtures/gradients/gpt2/model.onnx', `${repeat('attention:2 mlp:2', 2)} head:1`, `${repeat('block:4', 2)} head:1`],
  ['fixtures/gradients/inception/model.onnx', 'conv:5 head:1', 'conv:5 head:1'],
  ['fixtures/gradients/lenet/model.onnx', 'conv:1 conv:1 mlp:1 head:1', 'conv:1 conv:1 mlp:1 head:1'],
  ['fixtures/gradients/llama/model.onnx', `${repeat('attention:4 mlp:3', 2)} head:1`, `${repeat('block:7', 2)} head:1`],
  ['fixtures/gradients/lstm/model.onnx', 'recurrent:2 recurrent:2 head:1', 'recurrent:2 recurrent:2 head:1'],
  ['fixtures/gradients/mlp/model.onnx', 'mlp:1 mlp:1 head:1', 'mlp:1 mlp:1 head:1'],
  ['fixtures/gradients/mobilenet/model.onnx', 'conv:1 conv:3 conv:1 conv:1 conv:1 conv:3 head:1', ''],
  ['fixtures/gradients/resnet/model.onnx', 'conv:1 conv:2 conv:3 conv:3 head:1', 'conv:1 conv:2 conv:3 conv:3 head:1'],
  ['fixtures/gradients/unet/model.onnx', 'conv:1 conv:3 head:1', 'conv:1 conv:3 head:1'],
];

describe.each(models)('regions of %s', (name, half, block) => {
  const path = shared(name);

  test.skipIf(!path)('are what the network is made of', () => {
    const structure = open(path!);
    expect(outline(structure, 'half')).toBe(half);
    if (block) expect(outline(structure, 'block')).toBe(block);
    expect(granularities.whole(structure).filter(({ kind }) => kind !== 'head')).toHaveLength(
      half === 'head:1' ? 0 : 1,
    );
  });

  test.skipIf(!path)('hold every layer once', () => {
    const { graph } = load(path!);
    const { layers } = findLayers(graph);
    const structure = findRegions(graph, layers);
    for (const granularity of Object.values(granularities)) {
      const held = granularity(structure).flatMap((region) => region.layers);
      expect(held).toHaveLength(layers.length);
      expect(new Set(held)).toEqual(new Set(layers));
    }
  });
});

const run = models
  .filter(([name]) => !/resnet56|resnet20-pm1|squeezenet|mobilenet-vww/.test(name))
  .map(([name]) => name);

describe.each(run)('%s, region by region', (name) => {
  const path = shared(name);

  test.skipIf(!path).each(['matrix', 'half', 'block'] as const)('gives the same values: %s', async (granularity) => {
    const { graph } = load(path!);
    const { layers } = findLayers(graph);
    expect(await rerun(findRegions(graph, layers), granularities[granularity], layers)).toBeLessThan(1e-5);
  });
});

describe('what is left alone by default', () => {
  const folder = shared('fixtures/gradients');

  test.skipIf(!folder)('is the head, and the only layer is not one', () => {
    for (const name of readdirSync(folder!)) {
      const left = [...open(`${folder}/${name}/model.onnx`).leftByDefault.values()];
      expect([name, left]).toEqual([name, ['output head']]);
    }
    const linear = shared('models/tabular/adult_linear.onnx');
    if (linear) expect(open(linear).leftByDefault.size).toBe(0);
  });
});

describe('schedule', () => {
  const path = shared('models/gpt-sotu/model.onnx');

  test.skipIf(!path)('stops behind the last chosen layer and names the prelude', () => {
    const structure = open(path!);
    const regions = granularities.half(structure);
    const plan = schedule(structure, regions, regions[2]!.layers);
    expect(plan.regions.map((region) => region.name)).toEqual(['attention.0', 'mlp.0', 'attention.1']);
    expect(plan.prelude.inputs.map((value) => value.name)).toEqual(['input_ids']);
    expect(plan.prelude.outputs).toHaveLength(2);
    expect(plan.regions[0]!.inputs).toEqual(plan.prelude.outputs);
  });
});
