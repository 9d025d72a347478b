/** Real classifiers of pictures through the readers: the accuracies that are known of them. */
import { describe, expect, test } from 'vitest';
import { openSamples } from '../../src/data/open.js';
import type { Preprocess } from '../../src/data/preprocess/steps.js';
import { accuracy } from '../../src/evaluate/accuracy.js';
import { load } from '../../src/onnx/load.js';
import { shared } from '../helpers/shared.js';

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

describe.skipIf(!shared('data/cifar10') || !shared('data/imagenet'))('top-1', () => {
  test.each<[string, string, Preprocess, object]>([
    ['resnet20-cifar10/resnet20_cifar10', 'cifar10/test-300.bin', { scale: 1 / 255, ...imagenet }, { top1: 0.93 }],
    ['resnet20-cifar10/resnet20-pm1', 'cifar10/test-300.bin', { preset: 'minus-one-one' }, { top1: 0.93 }],
    // 62.4 % and 84.1 % on the 1,000 pictures that these 100 are from
    ['squeezenet-imagenet/squeezenet1.0', 'imagenet', { preset: 'squeezenet' }, { top1: 0.6, top5: 0.83 }],
    ['mnist-cnn/Convnet_avgpool', 'mnist/t10k-images-idx3-ubyte.gz', { preset: 'zero-one' }, { top1: 0.9795 }],
  ])('%s on %s', async (model, data, preprocess, expected) => {
    const { graph } = load(shared(`models/${model}.onnx`)!);
    const samples = await openSamples(graph, [shared(`data/${data}`)!], { preprocess });
    expect(await accuracy(graph, samples)).toMatchObject(expected);
  });
});
