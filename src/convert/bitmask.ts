/** bitmask: a safetensors file with a bit an element and the elements that are kept. */
import { target } from './target.js';
import { encodeBitmask } from './weights/bitmask.js';
import { weightFile } from './weights/weight-file.js';

export const bitmask = target({
  name: 'bitmask',
  summary: 'weights as one bit an element and the elements other than zero',
  writes: 'safetensors',
  options: {},
  convert: (task) =>
    weightFile(task, {
      to: 'bitmask',
      encode: ({ stored }, make) => encodeBitmask(stored, make),
      refusal: () =>
        'expected weights with zeros in them, got none that a bitmask makes smaller; run scalpel prune first',
    }),
});
