/** Windows of the text that the bundled model was trained on, apart from those that calibrate: what defaults are chosen by. */
import { load } from '../../dist/onnx/load.js';
import { openCalibration } from '../../dist/pipeline/open-data.js';
import { workingCopy } from '../../dist/pipeline/working-copy.js';
import { dataOf, int64 } from '../../dist/tensor/tensor.js';

/** So many tokens in a row make two windows overlap. */
const run = 16;

/**
 * @param {{ model: string, descriptor: string, seed: number, count: number }} drawn
 * @param calibration int64 tensors [windows, length] that no window may share a passage with
 * @returns int64 [windows, length], at most `count` windows
 */
export async function heldOutWindows({ model, descriptor, seed, count }, calibration) {
  const graph = workingCopy(load(model).graph);
  const { tokens } = await openCalibration(graph, model, { files: [descriptor], samples: count, seed });
  const known = new Set(calibration.flatMap((t) => rowsOf(t).flatMap((row) => passages(row))));
  const apart = rowsOf(tokens).filter((row) => !passages(row).some((passage) => known.has(passage)));
  return int64([apart.length, tokens.shape[1]], apart.flat());
}

function rowsOf(tokens) {
  const [count, length] = tokens.shape;
  const ids = Array.from(dataOf(tokens), Number);
  return Array.from({ length: count }, (_, i) => ids.slice(i * length, (i + 1) * length));
}

const passages = (row) => Array.from({ length: row.length - run + 1 }, (_, i) => row.slice(i, i + run).join());
