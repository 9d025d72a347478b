/** Half precision of eight bits of exponent and seven of fraction: the range of float32 with fewer digits. */
import { convertToHalf, halfOptions } from './half/convert.js';
import { target } from './target.js';

export const bfloat16 = target({
  name: 'bfloat16',
  summary: 'ONNX with weights in bfloat16, cast to float32 on load; or all of it (store=all), for GPUs',
  writes: 'onnx',
  options: halfOptions('weights'),
  convert: (task, settings) => convertToHalf('bfloat16', task, settings),
});
