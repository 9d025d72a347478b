/** csr: a safetensors file with compressed sparse rows. */
import { target } from './target.js';
import { encodeCsr } from './weights/csr.js';
import { weightFile } from './weights/weight-file.js';

export const csr = target({
  name: 'csr',
  summary: 'weights as compressed sparse rows: elements other than zero, their columns, where rows start',
  writes: 'safetensors',
  options: {
    index: {
      default: 'auto',
      choices: ['auto', 'i32'],
      about:
        'columns in the smallest unsigned type that holds them, or in int32 as libraries of sparse matrices take them',
    },
  },
  convert: (task, { index }) =>
    weightFile(task, {
      to: 'csr',
      encode: ({ stored }, make) => encodeCsr(stored, index, make),
      refusal: () =>
        'expected weights with enough zeros in them, got none that compressed rows make smaller; run scalpel prune with a higher sparsity first, or convert to bitmask',
    }),
});
