/** Where weights lie: in the model's file, in one file beside it, or in several. */
import { unsupported } from '../errors.js';
import type { WeightLayout } from '../ir/types.js';
import { target } from './target.js';
import { storedWeights } from './weights.js';

const options = {
  layout: {
    default: 'merge',
    about: 'weights in one file beside the model, in several, or inside of it',
    choices: ['merge', 'split', 'inside'],
  },
  threshold: { default: 1024, about: 'bytes from which on a weight lies outside', from: 0, whole: true },
  align: {
    default: 4096,
    about: 'each begins at a multiple of so many bytes: 4096 is a page, 65536 what Windows can map',
    from: 1,
    to: 2 ** 24,
    whole: true,
  },
  most: { default: 0, about: 'split: bytes a file holds at most; 0: a file each weight', from: 0, whole: true },
} as const;

export const external = target({
  name: 'external',
  summary: 'ONNX with its weights inside, in one file beside it, or in several; exact',
  writes: 'onnx',
  options,
  convert({ model }, { layout: kind, threshold, align, most }) {
    const layout: WeightLayout = {
      inside: { threshold: Number.POSITIVE_INFINITY, align: 1, most: Number.POSITIVE_INFINITY },
      merge: { threshold, align, most: Number.POSITIVE_INFINITY },
      split: { threshold, align, most },
    }[kind];
    const dense = storedWeights(model.graph).filter(({ tensor: { dtype, storage } }) => dtype !== 'string' && !storage);
    const isOutside = (bytes: number): boolean => bytes >= Math.max(1, layout.threshold);
    const moved = dense.filter(({ tensor }) => isOutside(tensor.payload.byteLength));
    if (moved.length === 0 && kind !== 'inside') {
      throw unsupported(
        'external',
        `expected a weight of ${threshold} bytes or more, found none; lower --set threshold, or leave the model as it is`,
      );
    }
    const tensors = (kind === 'inside' ? dense : moved).map(({ value, tensor: { dtype, payload } }) => ({
      name: value.name,
      from: dtype,
      to: kind === 'inside' ? `${dtype}, inside` : `${dtype}, outside`,
      bytes: { before: payload.byteLength, after: payload.byteLength },
    }));
    const inside = dense.length - moved.length;
    return Promise.resolve({
      made: { kind: 'model', model: { ...model, layout } },
      tensors,
      notes: inside > 0 && kind !== 'inside' ? [`${inside} weights below ${threshold} bytes stay inside`] : [],
    });
  },
});
