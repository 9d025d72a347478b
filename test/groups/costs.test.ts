import { expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { costsOf } from '../../src/groups/costs.js';
import { flowsOf } from '../../src/groups/flows.js';
import { load } from '../../src/onnx/load.js';
import { fixturePath, networkNames } from '../autodiff/fixtures.js';
import { shared } from '../helpers/shared.js';

const resnet = shared('models/resnet20-cifar10/resnet20_cifar10.onnx');

test.runIf(resnet)('ResNet-20 on one picture of 32 x 32', async () => {
  const { graph } = load(resnet!);
  const batch = graph.inputs[0]!.type!.shape![0];
  const flows = await flowsOf(workingCopy(graph), typeof batch === 'string' ? { [batch]: 1 } : {});
  const first = 3 * 16 * 9 * 32 ** 2;
  const stage = (channels: number, size: number, count: number) => count * channels ** 2 * 9 * size ** 2;
  const wider = (channels: number, size: number) => channels * 2 * channels * 9 * size ** 2;
  const multiplications =
    first + stage(16, 32, 6) + wider(16, 16) + stage(32, 16, 5) + wider(32, 8) + stage(64, 8, 5) + 64 * 10;
  expect(costsOf(flows).multiplications).toBe(multiplications);
});

test.runIf(networkNames.length > 0)('two LSTM layers of 12 units', async () => {
  const flows = await flowsOf(workingCopy(load(fixturePath('lstm', 'model.onnx')).graph), { batch: 1 });
  // eleven steps of four features
  const layer = (inputs: number) => 11 * 48 * (inputs + 12);
  expect(costsOf(flows)).toEqual({
    multiplications: layer(4) + layer(12) + 12 * 5,
    parameters: 48 * (4 + 12) + 96 + 48 * (12 + 12) + 96 + 12 * 5 + 5,
  });
});
