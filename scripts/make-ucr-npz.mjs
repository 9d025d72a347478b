/**
 * A UCR set to a .npz of `input` and `labels`: node scripts/make-ucr-npz.mjs SET.npy ACCURACY.json NAME OUT.npz
 *
 * SET.npy is float32 [N, 1 + L], the label (any number) in column 0. ACCURACY.json lists for the set NAME its labels in the order of the
 * classes, and the smallest and largest value of its training part, to which series are scaled. `input` is float32 [N, 1, L], `labels`
 * int32 [N]. Needs `npm run build`.
 */
import { readFileSync } from 'node:fs';
import { loadNpy } from '../dist/tensor/npy.js';
import { saveNpz } from '../dist/tensor/npz.js';
import { dataOf, tensor } from '../dist/tensor/tensor.js';

/**
 * @param {import('../dist/tensor/tensor.js').Tensor} set
 * @param {{ labels: number[], train_minmax: [number, number] }} facts
 * @returns {Map<string, import('../dist/tensor/tensor.js').Tensor>}
 */
export function ucrArrays(set, { labels: classes, train_minmax: [low, high] }) {
  const [count, columns] = set.shape;
  const values = dataOf(set);
  const length = columns - 1;
  const input = new Float32Array(count * length);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const label = values[i * columns];
    labels[i] = classes.indexOf(label);
    if (labels[i] < 0) throw new Error(`series ${i}: expected one of the labels ${classes.join(', ')}, got ${label}`);
    for (let k = 0; k < length; k++) input[i * length + k] = (values[i * columns + 1 + k] - low) / (high - low);
  }
  return new Map([
    ['input', tensor('float32', [count, 1, length], input)],
    ['labels', tensor('int32', [count], labels)],
  ]);
}

if (process.argv[1] === import.meta.filename) {
  const [set, accuracy, name, output] = process.argv.slice(2);
  if (!set || !accuracy || !name || !output) {
    throw new Error('usage: node scripts/make-ucr-npz.mjs SET.npy ACCURACY.json NAME OUT.npz');
  }
  const facts = JSON.parse(readFileSync(accuracy, 'utf8')).find((entry) => entry.name === name);
  if (!facts) throw new Error(`${accuracy}: no set '${name}'`);
  saveNpz(output, ucrArrays(loadNpy(set), facts));
}
