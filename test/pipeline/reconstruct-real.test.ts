/** Reconstruction of networks that are no transformers, on their own data. */
import { describe, expect, test } from 'vitest';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import { shared } from '../helpers/shared.js';
import { newFolder, outputIn, pruneRequest } from './prune-requests.js';
import { prune, reconstruction } from './reconstruct-requests.js';

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

const networks: readonly (readonly [string, string, string, Partial<NonNullable<PruneRequest['calibration']>>])[] = [
  [
    'ResNet-20',
    'models/resnet20-cifar10/resnet20_cifar10.onnx',
    'data/cifar10/test-300.bin',
    { preprocess: { scale: 1 / 255, ...imagenet } },
  ],
  ['FCN', 'models/fcn-ucr/CBF_fcn.onnx', 'data/ucr/CBF/CBF_TRAIN.npy', { kind: 'ucr' }],
];

describe.each(networks)('%s', (_name, network, data, how) => {
  const [model, files] = [shared(network), shared(data)];
  const request = (changes: Partial<PruneRequest>): PruneRequest =>
    pruneRequest({
      model: model!,
      method: 'magnitude',
      pattern: { kind: 'unstructured', sparsity: 0.8 },
      calibration: { files: [files!], samples: 16, ...how },
      engine: { provider: 'cpu', threads: 1 },
      output: outputIn(newFolder()),
      ...changes,
    });

  test.skipIf(!model || !files)('no region is worse after, most are better', async () => {
    const report = await prune(request({ reconstruction: reconstruction({}, { epochs: 1, rate: 1e-3 }) }));
    const regions = report.reconstruction!.regions;
    expect(regions.length).toBeGreaterThan(2);
    for (const { loss } of regions) expect(loss.after).toBeLessThanOrEqual(loss.before);
    expect(regions.filter(({ loss }) => loss.after < loss.before).length).toBeGreaterThan(regions.length / 2);
  });

  test.skipIf(!model || !files)('retraining on labels lowers their loss', async () => {
    const report = await prune(
      request({ reconstruction: reconstruction({ retrain: true }, { epochs: 1, rate: 1e-3 }) }),
    );
    const [whole] = report.reconstruction!.regions;
    expect(whole!.loss.after).toBeLessThan(whole!.loss.before);
  });
});
