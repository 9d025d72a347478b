/** `scalpel gradcheck`: the gradients of a model against finite differences. */
import { exitCodes } from '../../errors.js';
import type { GradcheckDocument, GradcheckRequest } from '../../pipeline/gradcheck/request.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
import { gradcheckText } from '../gradcheck-text.js';
import { dataOptions, dataRequest, dryRunOption, engineOptions, engineRequest, reportingOptions } from '../options.js';
import { present } from '../present.js';
import { integer, number, optional, several, withDefault, word } from '../values.js';
import { differentiation, differentiationOptions } from './grad.js';

const data = { group: 'Data:' };
const check = { group: 'What is compared:' };

export const gradcheck = command({
  positionals: { model: 'the ONNX model to differentiate' },
  options: {
    ...differentiationOptions,
    directions: withDefault('random directions for each input and weight', integer({ from: 0 }), '2', check),
    entries: withDefault('largest entries of each gradient, and as many random ones', integer({ from: 0 }), '2', check),
    tolerance: optional(
      'largest error, relative to the gradient; default: 1e-5 in float64, 1e-3 where that is not possible',
      number({ from: 0 }),
      check,
    ),
    data: several('inputs, and a target for a loss; default: random ones', word, data),
    ...dataOptions,
    ...dryRunOption,
    ...reportingOptions,
    ...engineOptions,
  },
  examples: [
    ['gradcheck net.onnx --loss cross-entropy --wrt all --data test.npz', 'exit code 4 when they differ'],
    ['gradcheck net.onnx --of logits --wrt inputs', 'on random inputs'],
  ],
  async run(args, context) {
    const { data: files, directions, entries, tolerance, seed = 0 } = args;
    const request: GradcheckRequest = present({
      ...differentiation('gradcheck', args, true),
      ...{ directions, entries, tolerance, seed },
      data: files.length > 0 ? dataRequest(files, args) : undefined,
      engine: engineRequest(args),
    });
    if (args.dryRun) return dryRun('gradcheck', request, args, context);
    const document = await context.job<GradcheckDocument>(
      new URL('../../pipeline/gradcheck/job.js', import.meta.url),
      request,
    );
    if (args.json) context.print(document);
    else context.say(gradcheckText(document));
    return document.passed ? exitCodes.done : exitCodes.gate;
  },
});
