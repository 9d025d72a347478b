/** `scalpel convert`: a model in, the same model in another form out, with what that brought and cost; or several forms beside each other. */
import { exitCodes } from '../../errors.js';
import type { ConvertOutput } from '../../pipeline/convert/request.js';
import type { ConvertReport } from '../../report/convert-report.js';
import type { FormsReport } from '../../report/forms-report.js';
import { command } from '../command.js';
import { convertOptions } from '../convert-options.js';
import { comparesForms, convertRequest, formsRequest } from '../convert-request.js';
import { convertText } from '../convert-text.js';
import { dryRun } from '../dry-run.js';
import { formsText } from '../forms-text.js';

export const convert = command({
  positionals: { model: 'the ONNX model to convert' },
  options: convertOptions,
  examples: [
    [
      'convert net.onnx --to float16 --data test.npz --max-error 0.01 -o half.onnx',
      'half the bytes, if no output moves by 1 %',
    ],
    [
      'convert net.onnx --to float16 --set io=convert --exclude Softmax -o half.onnx',
      'inputs and outputs too, softmax in float32',
    ],
    ['convert net.onnx --to auto --data test.npz --report forms', 'all forms beside each other, measured here'],
    [
      'convert net.onnx --to auto --set by=latency --max-drop 0.01 --data test.npz -o fast.onnx',
      'the fastest form that loses no more than 1 %',
    ],
    [
      'convert net.onnx --to float16,int8 --set int8.activations=static --calibration train.npz',
      'two forms beside each other',
    ],
    ['convert masked.onnx --to shrink -o small.onnx', 'without units that are zero'],
    ['convert pruned.onnx --to sparse-initializer -o sparse.onnx', 'zeros are not stored'],
    ['convert gpt.onnx --to trim-vocabulary --tokens-from corpus.txt -o small/gpt.onnx', 'only the tokens of a text'],
    [
      'convert gpt.onnx --to external --set layout=split --set most=1e9 -o parts.onnx',
      'weights beside the model, 1 GB a file',
    ],
  ],
  async run(args, context) {
    if (comparesForms(args)) {
      const request = formsRequest(args, context.commandLine);
      if (args.dryRun) return dryRun('forms', request, args, context);
      const forms = new URL('../../pipeline/convert/forms/job.js', import.meta.url);
      const report = await context.job<FormsReport>(forms, request);
      if (args.json) context.print(report);
      else context.say(formsText(report, request.output));
      return exitCodes.done;
    }
    const request = convertRequest(args, context.commandLine);
    if (args.dryRun) return dryRun('convert', request, args, context);
    const report = await context.job<ConvertReport>(new URL('../../pipeline/convert/job.js', import.meta.url), request);
    if (args.json) context.print(report);
    else context.say(convertText(report, request.output as ConvertOutput));
    return exitCodes.done;
  },
});
