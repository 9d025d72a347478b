/** `scalpel eval`: how good a model is on data. */
import { exitCodes } from '../../errors.js';
import type { EvalDocument, EvalRequest } from '../../pipeline/eval/request.js';
import { metricNames } from '../../pipeline/requests.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
import { evalText } from '../eval-text.js';
import {
  dataOptions,
  dataRequest,
  dryRunOption,
  engineOptions,
  engineRequest,
  memoryOptions,
  reportingOptions,
} from '../options.js';
import { oneOf, someOf, withDefault, word } from '../values.js';

const data = { group: 'Data:' };

export const evaluate = command({
  positionals: { model: 'the ONNX model to measure' },
  options: {
    data: someOf('files, a folder of pictures, or a descriptor (.yaml); kinds: see --kind', word, data),
    metric: withDefault(
      'headline figure: perplexity, top1, auc, f1, log-loss, ece, or auto: by what the data is',
      oneOf(metricNames),
      'auto',
      data,
    ),
    ...dataOptions,
    ...dryRunOption,
    ...reportingOptions,
    ...engineOptions,
    ...memoryOptions,
  },
  examples: [
    ['eval gpt.onnx --data text.txt --seq-len 128', 'perplexity on a text'],
    ['eval net.onnx --data test.npz --json', 'accuracy, AUC, F1, log loss and calibration error as JSON'],
    ['eval net.onnx --data people.csv --label-column income', 'the same on a table'],
    ['eval net.onnx --data photos --preset imagenet', 'a folder of pictures with one sub-folder a class'],
  ],
  async run(args, context) {
    const { model, metric } = args;
    const request: EvalRequest = { model, data: dataRequest(args.data, args), metric, engine: engineRequest(args) };
    if (args.dryRun) return dryRun('eval', request, args, context);
    const document = await context.job<EvalDocument>(new URL('../../pipeline/eval/job.js', import.meta.url), request);
    if (args.json) context.print(document);
    else context.say(evalText(document));
    return exitCodes.done;
  },
});
