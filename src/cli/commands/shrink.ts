/** `scalpel shrink`: a model in, the same model without some of its channels, neurons, heads, states or blocks out. */
import { exitCodes } from '../../errors.js';
import type { OutputRequest } from '../../pipeline/prune/request.js';
import type { ShrinkReport } from '../../report/shrink-report.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
import { shrinkOptions as options } from '../shrink-options.js';
import { shrinkRequest } from '../shrink-request.js';
import { shrinkText } from '../shrink-text.js';

export const shrink = command({
  positionals: { model: 'the ONNX model to take units or blocks out of' },
  options,
  examples: [
    [
      'shrink gpt.onnx --criterion flap-wifv --sparsity 0.3 --calibration text.txt -o small.onnx',
      'heads and neurons that fluctuate least',
    ],
    [
      'shrink resnet.onnx --criterion taylor --sparsity 0.5 --reconstruct whole --calibration images.npz -o small.onnx',
      'channels, and the rest fitted again',
    ],
    [
      'shrink gpt.onnx --units blocks --sparsity 0.25 --retrain --calibration text.txt -o small.onnx',
      'whole blocks that turn what goes through them least',
    ],
    ['shrink net.onnx --target latency=0.6 --calibration data.npz -o small.onnx', 'as many as that takes, measured'],
    ['shrink net.onnx --sparsity 0.5 --dry-run', 'lists what could go, and what not and why'],
  ],
  async run(args, context) {
    const request = shrinkRequest(args, context.commandLine);
    if (args.dryRun) return dryRun('shrink', request, args, context);
    const report = await context.job<ShrinkReport>(new URL('../../pipeline/shrink/job.js', import.meta.url), request);
    if (args.json) context.print(report);
    else context.say(shrinkText(report, request.output as OutputRequest));
    return exitCodes.done;
  },
});
