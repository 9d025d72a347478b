/** Weights with many zeros as sparse initializers of ONNX: their other elements with where each stands. */
import { unsupported } from '../errors.js';
import { heed } from '../heed.js';
import type { Model, Value } from '../ir/types.js';
import { keptElements } from '../onnx/sparse.js';
import { dataTypes } from '../tensor/dtype.js';
import { elements, type Tensor } from '../tensor/tensor.js';
import { type ConvertedTensor, target } from './target.js';
import { storedWeights, withWeights } from './weights.js';

/** A second shape and the fields around them. */
const overhead = 64;

/** The first version of the format that has sparse initializers. */
const leastIrVersion = 6;

const options = {
  least: {
    default: 0.7,
    about: 'share of zeros, to a hundredth, from which on a weight becomes sparse',
    from: 0,
    to: 1,
  },
  indices: {
    default: 'linear',
    about: 'where an element stands: one number, or one a dimension',
    choices: ['linear', 'coordinates'],
  },
} as const;

export const sparseInitializer = target({
  name: 'sparse-initializer',
  summary: 'ONNX with weights of many zeros as sparse initializers; exact, never larger',
  writes: 'onnx',
  options,
  async convert({ model, isChosen, signal }, { least, indices }) {
    const made = new Map<Value, Tensor>();
    const tensors: ConvertedTensor[] = [];
    let emptiest = 0;
    for (const { value, tensor, names } of storedWeights(model.graph)) {
      if (!canBeSparse(tensor) || !isChosen(...names)) continue;
      await heed(signal);
      const kept = keptElements(tensor);
      const zeros = 1 - kept / elements(tensor);
      const before = tensor.payload.byteLength;
      const after = kept * (before / elements(tensor) + 8 * (indices === 'linear' ? 1 : tensor.shape.length));
      emptiest = Math.max(emptiest, zeros);
      if (hundredths(zeros) < least || after + overhead >= before) continue;
      made.set(value, { ...tensor, storage: { kind: 'sparse', indices } });
      tensors.push({ name: value.name, from: tensor.dtype, to: `sparse ${tensor.dtype}`, bytes: { before, after } });
    }
    if (tensors.length === 0) {
      throw unsupported(
        'sparse-initializer',
        `expected a weight with ${least} zeros or more that sparse storage makes smaller, found ${emptiest.toFixed(2)} at most; prune further, or lower --set least`,
      );
    }
    return { made: { kind: 'model', model: withSparse(model, made) }, tensors, notes };
  },
});

const notes = [
  'ONNX Runtime makes sparse initializers dense when it loads them: the file is smaller, memory and speed are as before',
];

/** A matrix pruned to 0.7 row by row has a little less, as every row is rounded down. */
const hundredths = (share: number): number => Math.round(share * 100) / 100;

/** Elements of whole bytes; strings and scalars stay, and what is sparse already. */
const canBeSparse = ({ dtype, shape, storage, payload }: Tensor): boolean =>
  dtype !== 'string' &&
  dataTypes[dtype].bits >= 8 &&
  dataTypes[dtype].bits <= 64 &&
  shape.length > 0 &&
  payload.byteLength > overhead &&
  storage?.kind !== 'sparse';

/** Older files list initializers among the inputs; in newer ones that would let callers replace them. */
function withSparse(model: Model, made: ReadonlyMap<Value, Tensor>): Model {
  const graph = withWeights(model.graph, made);
  if (model.irVersion >= leastIrVersion) return { ...model, graph };
  const inputs = model.irVersion < 4 ? graph.inputs.filter((value) => !graph.initializers.has(value)) : graph.inputs;
  return { ...model, irVersion: leastIrVersion, graph: { ...graph, inputs } };
}
