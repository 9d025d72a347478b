import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { flowsOf } from '../../src/groups/flows.js';
import { groupsOf } from '../../src/groups/groups.js';
import { kindsOf } from '../../src/groups/kinds.js';
import type { Graph } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { backbones } from '../../src/train/backbones/index.js';
import { fixturePath, networkNames } from '../autodiff/fixtures.js';
import { shared } from '../helpers/shared.js';

const resnet56 = shared('models/resnet56-cifar10/resnet56_cifar10.onnx');
const squeezenet = shared('models/squeezenet-imagenet/squeezenet1.0.onnx');
const shape = { channels: 2, length: 24, classes: 3, width: 8 };

describe.runIf(networkNames.length > 0)('kinds of units', () => {
  test.each([
    ['mlp', { neurons: [32, 16] }],
    ['lenet', { channels: [6, 12], neurons: [32] }],
    ['resnet', { channels: [8, 16, 32], 'stream-channels': [8, 16, 32] }],
    // both layers start from one ConstantOfShape, of which each has a copy
    ['lstm', { 'recurrent-units': [12, 12] }],
    ['gpt2', { width: [32], heads: [4, 4], 'head-width': [8, 8, 8, 8], neurons: [128, 128] }],
    // pairs of the rotary embedding are those of one table for all layers
    ['llama', { width: [32], 'kv-groups': [2, 2], heads: [2, 2], 'head-width': [4, 8, 8], neurons: [48, 48] }],
    ['encoder', { width: [32], heads: [4, 4], 'head-width': [8, 8, 8, 8], neurons: [64, 64] }],
    // inverted residuals: what they widen to, and what they add to
    ['mobilenet', { channels: [24, 24, 48], 'stream-channels': [8, 16] }],
    ['inception', { channels: [8, 8, 8, 8, 8] }],
    ['densenet', { channels: [8, 8, 8, 8] }],
    ['unet', { channels: [2, 12, 8] }],
  ] as const)('%s', async (name, expected) => {
    expect(await sizesByKind(load(fixturePath(name, 'model.onnx')).graph)).toEqual(expected);
  });
});

describe.runIf(resnet56 && squeezenet)('kinds of units of trained networks', () => {
  test('ResNet-56: three stages, whose streams come from one another by padding', async () => {
    const { channels, ...others } = await sizesByKind(load(resnet56!).graph);
    expect(channels).toEqual([16, 32, 64].flatMap((size) => Array<number>(9).fill(size)));
    expect(others).toEqual({ 'stream-channels': [16, 8, 8, 16, 16] });
  });

  test('SqueezeNet has no stream', async () => {
    expect(Object.keys(await sizesByKind(load(squeezenet!).graph))).toEqual(['channels']);
  });
});

describe('kinds of units of series networks', () => {
  test('FCN has no stream', async () => {
    expect(await sizesByKind(backbones.fcn.build(shape, 0))).toEqual({ channels: [8, 16, 8] });
  });

  test('ResNet: two channels in each block, and one stream a width', async () => {
    const { channels, ...others } = await sizesByKind(backbones.resnet.build(shape, 0));
    expect(channels).toEqual([8, 8, 16, 16, 16, 16]);
    expect(others).toEqual({ 'stream-channels': [8, 16] });
  });
});

async function sizesByKind(graph: Graph): Promise<Record<string, number[]>> {
  const flows = await flowsOf(workingCopy(graph));
  const groups = groupsOf(flows);
  const sizes: Record<string, number[]> = {};
  for (const [i, kind] of kindsOf(flows, groups).entries()) {
    sizes[kind] = [...(sizes[kind] ?? []), groups[i]!.units.size];
  }
  return sizes;
}
