/** `scalpel reconstruct`: a model pruned elsewhere and the dense one in, the pruned model with its weights fitted again out. */
import { resolve } from 'node:path';
import { exitCodes, UserError } from '../../errors.js';
import type { ReconstructRequest } from '../../pipeline/reconstruct-request.js';
import { metricNames } from '../../pipeline/requests.js';
import type { PruneReport } from '../../report/prune-report.js';
import { command } from '../command.js';
import { dataOptions, dataRequest, engineOptions, engineRequest, memoryOptions, reportingOptions } from '../options.js';
import { present } from '../present.js';
import { pruneText } from '../prune-text.js';
import { reconstructionOptions, reconstructionRequest } from '../reconstruct-options.js';
import { regionChoice, regionWords } from '../region-choice.js';
import {
  integer,
  number,
  oneOf,
  optional,
  required,
  several,
  someOf,
  toggle,
  type ValuesOf,
  withDefault,
  word,
} from '../values.js';

const choice = { group: 'What is reconstructed:' };
const data = { group: 'Data:' };
const output = { group: 'Output:' };

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
    data,
  ),
  evalData: several('measured on the dense model, before and after', word, data),
  evalSamples: optional('of the evaluation data; default: all', integer({ from: 1 }), data),
  metric: withDefault(`headline figure: ${metricNames.join(', ')}`, oneOf(metricNames), 'auto', data),
  ...dataOptions,
  samples: optional(
    "of the calibration data; default: the descriptor's, 128 windows of text, or all",
    integer({ from: 1 }),
    data,
  ),

  output: required('the reconstructed model', word, { ...output, alias: 'o' }),
  report: optional('folder of report.json and report.html; default: OUTPUT.report', word, output),
  run: optional('working folder, kept when named; default: OUTPUT.run', word, output),
  force: toggle('overwrite what exists', output),
  maxDrop: optional('exit 4 when quality drops by more than this fraction', number({ from: 0 }), output),
  ...reportingOptions,
  ...engineOptions,
  ...memoryOptions,
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
    const report = await context.job<PruneReport>(
      new URL('../../pipeline/reconstruct-job.js', import.meta.url),
      request,
    );
    if (args.json) context.print(report);
    else context.say(pruneText(report, request.output));
    return exitCodes.done;
  },
});

/** @throws UserError for options that contradict each other. */
function requestOf(
  args: ValuesOf<typeof options> & { model: string },
  commandLine: readonly string[],
): ReconstructRequest {
  const { model, dense, include, exclude, regions, calibration, evalData, evalSamples, metric, maxDrop, output } = args;
  for (const [what, path] of [
    ['the model', model],
    ['--dense', dense],
  ] as const) {
    if (resolve(output) === resolve(path))
      throw new UserError('reconstruct', `expected --output other than ${what}, got '${output}'; name another file`);
  }
  if (resolve(model) === resolve(dense))
    throw new UserError(
      'reconstruct',
      `expected --dense other than the model, got '${dense}' twice; name what it was pruned from`,
    );
  const about =
    evalSamples !== undefined
      ? '--eval-samples'
      : metric !== 'auto'
        ? '--metric'
        : maxDrop !== undefined
          ? '--max-drop'
          : undefined;
  if (about !== undefined && evalData.length === 0)
    throw new UserError('reconstruct', `${about} expected --eval-data, got none; name it, or leave ${about} out`);
  return present({
    model,
    dense,
    layers: { include, exclude },
    reconstruction: reconstructionRequest('reconstruct', regions, args),
    calibration: dataRequest(calibration, args),
    evaluation:
      evalData.length > 0 ? { ...dataRequest(evalData, { ...args, samples: evalSamples }), metric } : undefined,
    engine: engineRequest(args),
    seed: args.seed ?? 0,
    jobs: args.jobs,
    maxDrop,
    output: {
      model: output,
      report: args.report ?? `${output}.report`,
      run: args.run ?? `${output}.run`,
      keepRun: args.run !== undefined,
      force: args.force,
    },
    commandLine,
  });
}
