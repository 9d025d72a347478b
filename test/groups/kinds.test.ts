import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { flowsOf } from '../../src/groups/flows.js';
import { groupsOf } from '../../src/groups/groups.js';
import { kindsOf } from '../../src/groups/kinds.js';
import { load } from '../../src/onnx/load.js';
import { fixturePath, networkNames } from '../autodiff/fixtures.js';

describe.runIf(networkNames.length > 0)('kinds of units', () => {
  test.each([
    ['mlp', { neurons: [32, 16] }],
    ['lenet', { channels: [6, 12], neurons: [32] }],
    ['resnet', { channels: [8, 8, 16, 16, 32, 32] }],
    // both layers start from one tensor of zeros
    ['lstm', { 'recurrent-units': [12] }],
    ['gpt2', { width: [32], heads: [4, 4], 'head-width': [8, 8, 8, 8], neurons: [128, 128] }],
    // pairs of the rotary embedding are those of one table for all layers
    ['llama', { width: [32], 'kv-groups': [2, 2], heads: [2, 2], 'head-width': [4, 8, 8], neurons: [48, 48] }],
    ['encoder', { width: [32], heads: [4, 4], 'head-width': [8, 8, 8, 8], neurons: [64, 64] }],
    ['mobilenet', { channels: [8, 24, 24, 16, 48] }],
  ] as const)('%s', async (name, expected) => {
    const flows = await flowsOf(workingCopy(load(fixturePath(name, 'model.onnx')).graph));
    const groups = groupsOf(flows);
    const sizes: Record<string, number[]> = {};
    for (const [i, kind] of kindsOf(flows, groups).entries()) {
      sizes[kind] = [...(sizes[kind] ?? []), groups[i]!.units.size];
    }
    expect(sizes).toEqual(expected);
  });
});
