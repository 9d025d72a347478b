/** Which samples are trained on and which are held out, and what they are like. */
import { random } from '../../dist/tensor/random.js';

/**
 * The same samples are held out for one seed, whatever the network: a fifth, in random order, or those after the first `train`.
 * @param only the class that is kept; absent: all.
 */
export function split({ x, y, train: fixed }, { shape }, seed, only) {
  const width = shape.reduce((a, b) => a * b, 1);
  const order = [...random(seed, 'split').permutation(fixed ?? y.length)];
  const held = fixed === undefined ? Math.round(y.length / 5) : 0;
  const isKept = (row) => only === undefined || y[row] === only;
  const of = (all) => {
    const rows = all.filter(isKept);
    return {
      count: rows.length,
      x: Float32Array.from(
        { length: rows.length * width },
        (_, i) => x[rows[Math.floor(i / width)] * width + (i % width)],
      ),
      y: rows.map((row) => y[row]),
      shape,
    };
  };
  const after = Array.from({ length: y.length - order.length }, (_, i) => order.length + i);
  return { train: of(order.slice(held)), test: of([...order.slice(0, held), ...after]) };
}

/**
 * Writes both parts of the samples of a network, named after `stem`: for tables STEM-train.csv and STEM-test.csv, the class or number
 * in the column `label`; for pictures .npz of `input` and `labels`.
 */
export function saveSplit(network, stem, { seed = 0 } = {}) {
  const parts = split(network.samples(), network, seed);
  for (const [name, rows] of Object.entries(parts)) network.saveRows(`${stem}-${name}`, rows, name);
}

/** Mean and deviation of every column; 1 where a column never changes. */
export function momentsOf(x, width) {
  const count = x.length / width;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  x.forEach((value, i) => {
    mean[i % width] += value / count;
  });
  x.forEach((value, i) => {
    square[i % width] += (value - mean[i % width]) ** 2 / count;
  });
  return { mean, deviation: square.map((value) => Math.sqrt(value) || 1) };
}
