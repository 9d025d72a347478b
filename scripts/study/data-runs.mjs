/** What the data study runs: command lines inside the shared folder, and what is known of each network. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const imagenet = '--scale 1/255 --mean 0.485 0.456 0.406 --std 0.229 0.224 0.225';
const cifar = 'data/cifar10/test-300.bin';
const digits = 'data/mnist/t10k-images-idx3-ubyte.gz';

const pictures = [
  ['ResNet-20', `models/resnet20-cifar10/resnet20_cifar10.onnx --data ${cifar} ${imagenet}`, '93.0 %'],
  ['ResNet-20, [-1, 1]', `models/resnet20-cifar10/resnet20-pm1.onnx --data ${cifar} --preset minus-one-one`, '93.0 %'],
  ['ResNet-56', `models/resnet56-cifar10/resnet56_cifar10.onnx --data ${cifar} ${imagenet}`, '95.0 %'],
  ['ResNet-56, folded', `models/resnet56-cifar10/resnet56_cifar10_folded.onnx --data ${cifar} ${imagenet}`, '95.0 %'],
  [
    'SqueezeNet 1.0',
    'models/squeezenet-imagenet/squeezenet1.0.onnx --data data/imagenet --preset squeezenet',
    '62.4 %, 84.1 % on the 1,000 pictures that these are from',
  ],
  ['MNIST CNN, max pooling', `models/mnist-cnn/Convnet_maxpool.onnx --data ${digits} --scale 1/255`, '97.9 %'],
  ['MNIST CNN, average pooling', `models/mnist-cnn/Convnet_avgpool.onnx --data ${digits} --scale 1/255`, '97.9 %'],
];

/** @param {number} fraction */
const percent = (fraction) => `${(100 * fraction).toFixed(2)} %`;

/** @param {string} shared */
function series(shared) {
  const facts = JSON.parse(readFileSync(join(shared, 'models/fcn-ucr/accuracy.json'), 'utf8'));
  return facts.map(({ name, file, acc }) => {
    const part = (which) => `data/ucr/${name}/${name}_${which}.npy`;
    const scaled = `--standardise min-max:${part('TRAIN')}`;
    return [
      `FCN on ${name}`,
      `models/fcn-ucr/${file} --data ${part('TEST')} --kind ucr ${scaled}`,
      percent(acc.train_minmax),
    ];
  });
}

/** @param {string} shared */
function tables(shared) {
  const facts = JSON.parse(readFileSync(join(shared, 'models/tabular/accuracy.json'), 'utf8'));
  return Object.entries(facts).map(([name, { acc }]) => {
    const [data, label] = name.startsWith('adult') ? ['adult', 'income'] : ['give_me_some_credit', 'SeriousDlqin2yrs'];
    const line = `models/tabular/${name}.onnx --data data/tabular/${data}_test_encoded.csv --label-column ${label}`;
    return [name, line, percent(acc)];
  });
}

/** @param {string} shared the folder of models and data */
export const runs = (shared) =>
  [...pictures, ...series(shared), ...tables(shared)].map(([network, line, known]) => ({ network, line, known }));
