/** `scalpel eval`: how good a model is on data. */
import { exitCodes } from '../../errors.js';
import type { EvalDocument, EvalRequest } from '../../pipeline/eval-request.js';
import type { MetricName } from '../../pipeline/requests.js';
import { command } from '../command.js';
import { evalText } from '../eval-text.js';
import { dataOptions, dataRequest, engineOptions, engineRequest, reportingOptions } from '../options.js';
import { oneOf, someOf, withDefault, word } from '../values.js';

const data = { group: 'Data:' };

export const evaluate = command({
  positionals: { model: 'the ONNX model to measure' },
  options: {
    data: someOf('text, JSONL, .npy, .npz or a descriptor (.yaml)', word, data),
    metric: withDefault(
      'perplexity, top1, or auto: by what the model is',
      oneOf<MetricName>(['auto', 'perplexity', 'top1']),
      'auto',
      data,
    ),
    ...dataOptions,
    ...reportingOptions,
    ...engineOptions,
  },
  examples: [
    ['eval gpt.onnx --data text.txt --seq-len 128', 'perplexity on a text'],
    ['eval net.onnx --data test.npz --json', 'top-1 and top-5 as JSON'],
  ],
  async run(args, context) {
    const { model, metric } = args;
    const request: EvalRequest = { model, data: dataRequest(args.data, args), metric, engine: engineRequest(args) };
    const document = await context.job<EvalDocument>(new URL('../../pipeline/eval-job.js', import.meta.url), request);
    if (args.json) context.print(document);
    else context.say(evalText(document));
    return exitCodes.done;
  },
});
