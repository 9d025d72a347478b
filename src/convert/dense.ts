/** Sparse initializers as dense ones, and weights of a file in the place of the model's own. */
import { unsupported } from '../errors.js';
import type { Value } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';
import { givenWeights } from './given-weights.js';
import { type ConvertedTensor, target } from './target.js';
import { constantWeights, storedWeights, withWeights } from './weights.js';

export const dense = target({
  name: 'dense',
  summary: 'ONNX with every weight dense; takes weights of a file (--weights)',
  writes: 'onnx',
  options: {},
  convert({ model, weights, isChosen }) {
    const given = weights && givenWeights(model.graph, weights, '--weights');
    const made = new Map<Value, Tensor>();
    const tensors: ConvertedTensor[] = [];
    for (const { value, tensor, names } of [...storedWeights(model.graph), ...constantWeights(model.graph)]) {
      const isSparse = tensor.storage?.kind === 'sparse';
      if ((!given?.has(value) && !isSparse) || !isChosen(...names)) continue;
      const now = given?.get(value) ?? tensor;
      made.set(value, { ...now, storage: { kind: 'dense' } });
      const from = isSparse ? `sparse ${tensor.dtype}` : tensor.dtype;
      const bytes = { before: tensor.payload.byteLength, after: now.payload.byteLength };
      tensors.push({ name: value.name, from, to: tensor.dtype, bytes });
    }
    if (tensors.length === 0)
      throw unsupported('dense', 'expected a sparse initializer, found none; name weights to put in with --weights');
    return Promise.resolve({
      made: { kind: 'model', model: { ...model, graph: withWeights(model.graph, made) } },
      tensors,
      notes: given ? [`${given.size} weights have the values of the file`] : [],
    });
  },
});
