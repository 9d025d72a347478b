/** What beats the defaults on gpt-sotu at 0.7: more data, more passes, other criteria, one solver after another; and what that costs. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { figuresOf, scalpel } from './runs.mjs';

const windows = (count) => ['--samples', String(count)];
const half = ['--reconstruct', 'half'];
const again = (...options) => ['--regions', ...options];

/** Name, criterion, options of `prune`, and those of each `reconstruct` after it. Text is drawn from what the model was trained on. */
const chains = [
  ['the defaults', 'wanda', half],
  ['10 epochs', 'wanda', [...half, '--epochs', '10']],
  ['20 epochs', 'wanda', [...half, '--epochs', '20']],
  ['512 windows, 3 epochs', 'wanda', [...half, ...windows(512), '--epochs', '3']],
  ['1024 windows, 3 epochs', 'wanda', [...half, ...windows(1024), '--epochs', '3']],
  ['another order of batches in every epoch', 'wanda', [...half, '--shuffle']],
  ['least squares first', 'wanda', ['--reconstruct', 'matrix', '--solver', 'least-squares'], [again('half')]],
  ['halves again', 'wanda', half, [again('half')]],
  ['then blocks of two', 'wanda', half, [again('blocks:2', '--rate', '5e-4')]],
  ['then the whole', 'wanda', half, [again('whole', '--rate', '2e-4')]],
  ['then retraining', 'wanda', half, [['--retrain', '--rate', '1e-4', '--epochs', '2']]],
  ["SparseGPT's mask and weights", 'sparsegpt', half],
  ["SparseGPT's, 1024 windows, 3 epochs", 'sparsegpt', [...half, ...windows(1024), '--epochs', '3']],
  [
    "SparseGPT's, 1024 windows, then the whole",
    'sparsegpt',
    [...half, ...windows(1024), '--epochs', '3'],
    [again('whole', ...windows(1024), '--rate', '2e-4', '--epochs', '2')],
  ],
];

/** @returns `{ id, make }` of each; `make` gives `{ name, figures }`: of the last command, but time and memory of all. */
export function chainWorks(root, shared, folder, { once }) {
  const dense = join(root, 'models/gpt-sotu/model.onnx');
  const calibration = ['--calibration', join(root, 'calibration/sotu.yaml')];
  const evaluation = ['--eval-data', join(shared, 'models/gpt-sotu/eval-tokens.npy')];
  const ending = [...evaluation, '--provider', 'cpu', '--threads', '1', '--force', '--json', '--quiet'];

  async function make(id, method, options, later) {
    const place = (index) => join(folder, `${id}-${index}.onnx`);
    const start = ['prune', dense, '--method', method, '--pattern', '0.7', ...options];
    const commands = [start, ...later.map((words, index) => ['reconstruct', place(index), '--dense', dense, ...words])];
    const steps = [];
    for (const [index, words] of commands.entries()) {
      steps.push(figuresOf(await scalpel(root, [...words, ...calibration, ...ending, '--output', place(index)])));
    }
    for (const index of steps.keys()) {
      for (const made of [place(index), `${place(index)}.report`]) rmSync(made, { recursive: true, force: true });
    }
    const seconds = steps.reduce((sum, step) => sum + step.seconds, 0);
    return { ...steps.at(-1), seconds, peakBytes: Math.max(...steps.map(({ peakBytes }) => peakBytes)) };
  }

  return chains.map(([name, method, options, later = []]) => {
    const id = `chain-${name.replaceAll(/[^\w]+/g, '_')}`;
    return { id, make: async () => ({ name, figures: await once(id, () => make(id, method, options, later)) }) };
  });
}
