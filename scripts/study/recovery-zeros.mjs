/** What became of the zeros of a pruned model. */

import { load } from '../../dist/onnx/load.js';
import { findLayers } from '../../dist/ops/layers.js';
import { floatsOf } from '../../dist/tensor/convert.js';

/** Weights of layers, zeros among them before and after, and how many of those before are still zero. */
export function zerosKept(before, after) {
  const [first, last] = [before, after].map(weightsOf);
  const counts = { weights: 0, zerosBefore: 0, zerosAfter: 0, zerosKept: 0 };
  for (const [name, values] of first) {
    const trained = last.get(name);
    counts.weights += values.length;
    values.forEach((value, i) => {
      if (value === 0) counts.zerosBefore++;
      if (trained[i] === 0) counts.zerosAfter++;
      if (value === 0 && trained[i] === 0) counts.zerosKept++;
    });
  }
  return counts;
}

const weightsOf = (path) =>
  new Map(findLayers(load(path).graph).layers.map(({ name, stored }) => [name, floatsOf(stored)]));
