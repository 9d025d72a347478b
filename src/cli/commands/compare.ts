/** `scalpel compare`: in what two models differ. */
import { exitCodes } from '../../errors.js';
import {
  type ComparedPart,
  type CompareReport,
  type CompareRequest,
  comparedParts,
} from '../../pipeline/compare/report.js';
import { command } from '../command.js';
import { compareText } from '../compare-text.js';
import { dryRun } from '../dry-run.js';
import { dataOptions, dataRequest, dryRunOption, engineOptions, engineRequest, reportingOptions } from '../options.js';
import { present } from '../present.js';
import { number, oneOf, several, withDefault, word } from '../values.js';

const compared = { group: 'What is compared:' };

export const compare = command({
  positionals: { a: 'an ONNX model', b: 'another one' },
  options: {
    parts: several(`only these: ${comparedParts.join(', ')}`, oneOf<ComparedPart>(comparedParts), compared),
    tolerance: withDefault(
      'largest difference of an output that counts as equal',
      number({ from: 0 }),
      '1e-5',
      compared,
    ),
    data: several('inputs for both models; default: random ones', word, { group: 'Data:' }),
    ...dataOptions,
    ...dryRunOption,
    ...reportingOptions,
    ...engineOptions,
  },
  examples: [
    ['compare before.onnx after.onnx', 'everything, on random inputs'],
    ['compare before.onnx after.onnx --parts outputs --data test.npz --tolerance 1e-3', 'outputs on data'],
  ],
  async run(args, context) {
    const { a, b, tolerance, parts, data, seed = 0 } = args;
    const request: CompareRequest = present({
      ...{ a, b, tolerance, seed },
      data: data.length > 0 ? dataRequest(data, args) : undefined,
      parts: parts.length > 0 ? parts : undefined,
      engine: engineRequest(args),
    });
    if (args.dryRun) return dryRun('compare', request, args, context);
    const report = await context.job<CompareReport>(new URL('../../pipeline/compare/job.js', import.meta.url), request);
    if (args.json) context.print(report);
    else context.say(compareText(report));
    return report.equal ? exitCodes.done : exitCodes.gate;
  },
});
