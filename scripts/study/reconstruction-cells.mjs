/** The cells of the reconstruction study: networks, criteria, patterns, what is fitted at a time, seeds; each a command line. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stories } from './networks.mjs';

/** What is done after pruning, in the order of the tables. */
export const recoveries = {
  none: [],
  'least squares': ['--reconstruct', 'matrix', '--solver', 'least-squares'],
  matrix: ['--reconstruct', 'matrix'],
  halves: ['--reconstruct', 'half'],
  block: ['--reconstruct', 'block'],
  '2 blocks': ['--reconstruct', 'blocks:2'],
  whole: ['--reconstruct', 'whole'],
  retraining: ['--retrain'],
};

const seeds = [0, 1, 2];

/** @returns cells of quality, and those whose time and memory are taken alone. */
export function cellsOf(root, shared, folder) {
  mkdirSync(folder, { recursive: true });
  const gpt = gptOf(root, shared);
  const few = ['none', 'matrix', 'halves', 'block'];
  const quality = [
    ...grid(gpt, ['magnitude', 'wanda', 'ria', 'sparsegpt'], ['0.7', '0.5', '2:4'], Object.keys(recoveries), seeds),
    ...grid(storiesOf(shared, folder), ['magnitude', 'wanda'], ['0.5', '0.7'], few, seeds),
    ...[resnet(shared), fcn(shared, 'FacesUCR'), fcn(shared, 'CBF')].flatMap((network) =>
      grid(network, ['magnitude', 'wanda'], ['0.8'], network.recoveries, [0]),
    ),
  ];
  const timed = grid(gpt, ['wanda'], ['0.7'], Object.keys(recoveries), [0]).map((cell) => ({
    ...cell,
    id: `timed-${cell.id}`,
  }));
  // one draw of all cells first: tables of it can be made while the others are missing
  quality.sort((a, b) => a.seed - b.seed);
  return { quality, timed };
}

function grid(network, methods, patterns, wanted, drawn) {
  return patterns.flatMap((pattern) =>
    methods.flatMap((method) =>
      wanted.flatMap((recovery) =>
        // without data nothing is drawn
        (recovery === 'none' && method === 'magnitude' ? drawn.slice(0, 1) : drawn).map((seed) => {
          const id = [network.name, method, pattern, recovery, seed].join('-').replaceAll(/[: ]/g, '_');
          const criterion = ['--method', method, '--pattern', pattern, '--seed', String(seed)];
          const args = [
            'prune',
            network.model,
            ...criterion,
            ...network.data,
            ...recoveries[recovery],
            ...(recovery === 'none' ? [] : network.budget),
          ];
          return { id, network, method, pattern, recovery, seed, args };
        }),
      ),
    ),
  );
}

const gptOf = (root, shared) => ({
  name: 'gpt',
  title: 'gpt-sotu: GPT-2 layout, 6 layers, width 192',
  model: join(root, 'models/gpt-sotu/model.onnx'),
  data: [
    ...['--calibration', join(root, 'calibration/sotu.yaml')],
    ...['--eval-data', join(shared, 'models/gpt-sotu/eval-tokens.npy')],
  ],
  budget: [],
});

function storiesOf(shared, folder) {
  const { model, calibration, evaluation } = stories(shared, folder);
  return {
    name: 'stories',
    title: 'stories260K: Llama layout, 5 layers, width 64',
    model,
    data: ['--calibration', calibration, '--eval-data', evaluation],
    budget: [],
  };
}

const ofNetwork = ['none', 'least squares', 'matrix', 'halves', 'block', 'whole', 'retraining'];

const resnet = (shared) => ({
  name: 'resnet56',
  title: 'ResNet-56 (CIFAR-10), 512 training pictures',
  model: join(shared, 'models/resnet56-cifar10/resnet56_cifar10.onnx'),
  data: [
    ...['--calibration', join(shared, 'data/cifar10/train-1500.bin'), '--samples', '512'],
    ...['--eval-data', join(shared, 'data/cifar10/test-300.bin')],
    ...['--scale', '1/255', '--mean', '0.485', '0.456', '0.406', '--std', '0.229', '0.224', '0.225'],
  ],
  budget: [],
  recoveries: ofNetwork,
});

const fcn = (shared, set) => {
  const part = (which) => join(shared, `data/ucr/${set}/${set}_${which}.npy`);
  return {
    name: `fcn-${set}`,
    title: `FCN on ${set} (UCR), its training series`,
    model: join(shared, `models/fcn-ucr/${set}_fcn.onnx`),
    data: [
      ...['--calibration', part('TRAIN'), '--eval-data', part('TEST')],
      ...['--kind', 'ucr', '--standardise', `min-max:${part('TRAIN')}`],
    ],
    budget: [],
    recoveries: ofNetwork,
  };
};
