/** `scalpel reconstruct`: a model pruned elsewhere and the dense one in, the pruned model with its weights fitted again out. */
import { resolve } from 'node:path';
import { exitCodes, UserError } from '../../errors.js';
import type { OutputRequest } from '../../pipeline/prune/request.js';
import type { ReconstructRequest } from '../../pipeline/reconstruct/request.js';
import type { DataRequest } from '../../pipeline/requests.js';
import type { PruneReport } from '../../report/prune-report.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
import { groups, makingOptions, makingRequest } from '../making-options.js';
import { pruneText } from '../prune-text.js';
import { reconstructionOptions, reconstructionRequest } from '../reconstruct-options.js';
import { regionChoice, regionWords } from '../region-choice.js';
import { optional, required, several, someOf, type ValuesOf, word } from '../values.js';

const choice = { group: 'What is reconstructed:' };
const made = 'the reconstructed model';

const options = {
  dense: required(
    'the model that it was pruned from; weights that are zero here and not there stay zero',
    word,
    choice,
  ),
  include: several('only layers that match: globs or re:… over node, weight and op names', word, choice),
  exclude: several('no layers that match', word, choice),

  regions: optional(
    `so much at a time: ${regionWords}; default: half, best and cheapest for transformers`,
    regionChoice,
    { group: 'Reconstruction:' },
  ),
  ...reconstructionOptions,

  calibration: someOf(
    'files, a folder of pictures, a descriptor (.yaml), or self: text of the dense model; kinds: see --kind',
    word,
    groups.data,
  ),
  ...makingOptions({ measured: 'measured on the dense model, before and after', made }),
};

export const reconstruct = command({
  positionals: { model: 'the pruned ONNX model' },
  options,
  examples: [
    [
      'reconstruct pruned.onnx --dense gpt.onnx --calibration text.txt -o out.onnx',
      'attention and MLP apart, by descent',
    ],
    [
      'reconstruct pruned.onnx --dense gpt.onnx --regions matrix --solver least-squares --calibration text.txt -o out.onnx',
      'each matrix exactly',
    ],
    [
      'reconstruct pruned.onnx --dense gpt.onnx --trained norms-and-biases --rate 0.01 --calibration text.txt -o out.onnx',
      'weights of layers rest',
    ],
  ],
  async run(args, context) {
    const request = requestOf(args, context.commandLine);
    if (args.dryRun) return dryRun('reconstruct', request, args, context);
    const job = new URL('../../pipeline/reconstruct/job.js', import.meta.url);
    const report = await context.job<PruneReport>(job, request);
    if (args.json) context.print(report);
    else context.say(pruneText(report, request.output as OutputRequest));
    return exitCodes.done;
  },
});

/** @throws UserError for options that contradict each other. */
function requestOf(
  args: ValuesOf<typeof options> & { model: string },
  commandLine: readonly string[],
): ReconstructRequest {
  const { model, dense, regions } = args;
  const inputs = [['the model', model] as const, ['--dense', dense] as const];
  const request = makingRequest('reconstruct', args, commandLine, { made, inputs });
  if (resolve(model) === resolve(dense))
    throw new UserError(
      'reconstruct',
      `expected --dense other than the model, got '${dense}' twice; name what it was pruned from`,
    );
  const reconstruction = reconstructionRequest('reconstruct', regions, args);
  return { ...request, dense, reconstruction, calibration: request.calibration as DataRequest };
}
