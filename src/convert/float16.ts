/** Half precision of five bits of exponent and ten of fraction (IEEE 754). */
import { convertToHalf, halfOptions } from './half/convert.js';
import { target } from './target.js';

export const float16 = target({
  name: 'float16',
  summary: 'ONNX in float16, values and types; or weights alone (store=weights)',
  writes: 'onnx',
  options: halfOptions('all'),
  trials: [{}, { store: 'weights' }],
  convert: (task, settings) => convertToHalf('float16', task, settings),
});
