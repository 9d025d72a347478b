/** The model with zeros where matrices read units that are gone: what is fitted again, and what the shrunk model has to equal. */
import type { Value } from '../../ir/types.js';
import { readMatrices, storeMatrices } from '../../ops/matrices.js';
import type { BiasPlace } from '../../prune/units/biases.js';
import type { ColumnStatistics } from '../../prune/units/index.js';
import { columnsLeft, meanGiven, overMatrices } from '../../prune/units/removed.js';
import { floatsOf, tensorOf } from '../../tensor/convert.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { ShrinkScene } from './scene.js';

/** What the model stores of matrices that lose columns, and of biases that make up for them, by name. */
export function maskedTensors(
  { groups, own, model }: ShrinkScene,
  living: readonly Uint8Array[],
  biases: ReadonlyMap<string, BiasPlace>,
  statistics: ReadonlyMap<string, ColumnStatistics>,
): Map<string, Tensor> {
  const stored = new Map(own.layers.map((layer) => [layer.name, layer]));
  const tensors = new Map<string, Tensor>();
  const left = columnsLeft(groups.map(({ holdings }, i) => ({ holdings, living: living[i]! })));
  const ofModel = new Map([...model.graph.initializers].map(([{ name }, t]) => [name, t]));
  for (const [layer, columns] of left) {
    const mine = stored.get(layer.name);
    if (!mine) continue;
    const matrices = readMatrices(mine);
    tensors.set(layer.name, storeMatrices(mine, matrices, overMatrices(layer, columns)));
    const [bias, seen] = [biases.get(layer.name), statistics.get(layer.name)];
    const before = bias && (tensors.get(bias.value.name) ?? ofModel.get(bias.value.name));
    if (!bias || !seen || !before) continue;
    const given = meanGiven(layer, matrices, seen, columns);
    const after = floatsOf(before).map((value, row) => value + given[row]! / bias.step);
    tensors.set(bias.value.name, tensorOf(before.dtype, before.shape, Float32Array.from(after)));
  }
  return tensors;
}

/** By value of a graph whose initializers have the same names. */
export function byValue(values: Iterable<Value>, tensors: ReadonlyMap<string, Tensor>): Map<Value, Tensor> {
  return new Map(
    [...values].flatMap((value) => {
      const stored = tensors.get(value.name);
      return stored ? [[value, stored] as const] : [];
    }),
  );
}
