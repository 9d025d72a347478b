/** The networks of the pruning study, with their calibration and evaluation data made ready. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadNpy } from '../../dist/tensor/npy.js';
import { saveNpz } from '../../dist/tensor/npz.js';
import { huggingFaceTokenizer } from '../convert-llama2c-tokenizer.mjs';
import { cifarArrays } from '../make-cifar-npz.mjs';
import { ucrArrays } from '../make-ucr-npz.mjs';

/** @param {string} shared @param {string} folder where prepared data goes */
export function networks(shared, folder) {
  return [
    gpt(shared),
    stories(shared, folder),
    resnet(shared, folder),
    fcn(shared, folder, 'CBF'),
    fcn(shared, folder, 'FacesUCR'),
  ];
}

const gpt = (shared) => ({
  name: 'gpt-sotu',
  title: 'GPT-2 layout, 6 layers, width 192 (gpt-sotu)',
  about: 'Calibration: its 128 windows of 128 tokens. Evaluation: 400 windows of 128 held-out tokens.',
  model: join(shared, 'models/gpt-sotu/model.onnx'),
  calibration: join(shared, 'models/gpt-sotu/calibration-tokens.npy'),
  evaluation: join(shared, 'models/gpt-sotu/eval-tokens.npy'),
  patterns: ['0.5', '2:4', '4:8', '0.6', '0.7'],
});

/** The first half of the stories calibrates, the second half judges; each story starts with the beginning-of-text token. */
export function stories(shared, folder) {
  const texts = JSON.parse(readFileSync(join(shared, 'data/text/tinystories_1000.json'), 'utf8'));
  const tokenizer = join(folder, 'stories-tokenizer.json');
  const source = JSON.parse(readFileSync(join(shared, 'models/stories260k/tokenizer.json'), 'utf8'));
  writeFileSync(tokenizer, JSON.stringify(huggingFaceTokenizer(source)));
  const descriptor = (part, entries, samples, order) => {
    writeFileSync(join(folder, `stories-${part}.json`), JSON.stringify(entries));
    const path = join(folder, `stories-${part}.yaml`);
    const description = `TinyStories, ${part} half`;
    const facts = { kind: 'text', description, files: `stories-${part}.json`, tokenizer, seqLen: 256, samples, order };
    writeFileSync(path, JSON.stringify(facts));
    return path;
  };
  return {
    name: 'stories260k',
    title: 'Llama layout, 5 layers, width 64 (stories260K)',
    about:
      'Calibration: 128 windows of 256 tokens drawn from 500 stories. Evaluation: 200 windows of 256 tokens from 500 others.',
    model: join(shared, 'models/stories260k/stories260K.onnx'),
    calibration: descriptor('calibration', texts.slice(0, 500), 128, 'random'),
    evaluation: descriptor('evaluation', texts.slice(500), 200, 'first'),
    patterns: ['0.5', '2:4'],
  };
}

function resnet(shared, folder) {
  const made = (name) => {
    const path = join(folder, `cifar-${name}.npz`);
    saveNpz(path, cifarArrays(readFileSync(join(shared, `data/cifar10/${name}.bin`))));
    return path;
  };
  return {
    name: 'resnet20',
    title: 'ResNet-20 (CIFAR-10)',
    about:
      'Calibration: 1,500 training images. Evaluation: top-1 on 300 test images (one image is 0.33 points). The 64 x 10 classifier is left dense, as heads are by default, and at 2:4 so is the first convolution, with three input channels.',
    model: join(shared, 'models/resnet20-cifar10/resnet20_cifar10.onnx'),
    calibration: made('train-1500'),
    evaluation: made('test-300'),
    patterns: ['0.5', '2:4'],
  };
}

function fcn(shared, folder, set) {
  const facts = JSON.parse(readFileSync(join(shared, 'models/fcn-ucr/accuracy.json'), 'utf8')).find(
    ({ name }) => name === set,
  );
  const made = (part) => {
    const path = join(folder, `${set}-${part}.npz`);
    saveNpz(path, ucrArrays(loadNpy(join(shared, `data/ucr/${set}/${set}_${part}.npy`)), facts));
    return path;
  };
  return {
    name: `fcn-${set}`,
    title: `FCN for time series (UCR ${set}, ${facts.classes} classes)`,
    about: `Calibration: the training series. Evaluation: top-1 on ${facts.ntest} test series, scaled by the training part's range. The classifier is left dense, and at 2:4 so is the first convolution: it has one input channel, too few for the pattern.`,
    model: join(shared, `models/fcn-ucr/${set}_fcn.onnx`),
    calibration: made('TRAIN'),
    evaluation: made('TEST'),
    patterns: ['0.5', '2:4'],
  };
}
