/** `scalpel convert`: a model in, the same model in another form out. */
import { resolve } from 'node:path';
import { type TargetName, targetNamed, targets } from '../../convert/index.js';
import { exitCodes, UserError } from '../../errors.js';
import type { ConvertOutput, ConvertRequest } from '../../pipeline/convert/request.js';
import { metricNames } from '../../pipeline/requests.js';
import type { ConvertReport } from '../../report/convert-report.js';
import { askedMethods } from '../asked-methods.js';
import { command } from '../command.js';
import { convertText } from '../convert-text.js';
import { dryRun } from '../dry-run.js';
import { groups } from '../making-options.js';
import {
  dataOptions,
  dataRequest,
  dryRunOption,
  engineOptions,
  engineRequest,
  memoryOptions,
  reportingOptions,
} from '../options.js';
import { present } from '../present.js';
import {
  integer,
  number,
  oneOf,
  optional,
  pair,
  repeated,
  required,
  several,
  toggle,
  type ValuesOf,
  withDefault,
  word,
} from '../values.js';

const names = Object.keys(targets) as TargetName[];
const form = { group: 'Form:' };
const { data, output, runtime } = groups;

const options = {
  to: required(`form that is written: ${names.join(', ')}`, oneOf(names), form),
  set: repeated('OPTION=VALUE of the form, repeatable; options: docs/convert.md', pair('OPTION', 'VALUE', word), form),
  include: several('only what matches: globs or re:… over names of weights and nodes, and ops', word, form),
  exclude: several('nothing that matches', word, form),
  weights: optional('with --to dense: .safetensors file of values for weights of the model', word, form),
  tokens: optional('with --to trim-vocabulary: file of the ids of tokens to keep', word, form),
  tokensFrom: several('with --to trim-vocabulary: text whose tokens are kept', word, form),

  data: several('both models are compared on it; default: random numbers', word, data),
  metric: withDefault(`headline figure: ${metricNames.join(', ')}`, oneOf(metricNames), 'auto', data),
  calibration: several('what forms that look at data see', word, data),
  calibrationSamples: optional(
    'of the calibration data; default: 128 windows of text, or all',
    integer({ from: 1 }),
    data,
  ),
  ...dataOptions,

  output: optional('the file that is written; external data lie beside it', word, { ...output, alias: 'o' }),
  report: optional('folder of report.json and report.html; default: OUTPUT.report', word, output),
  force: toggle('overwrite what exists', output),
  maxError: optional(
    'exit 4 when an output changes by more than this fraction of its norm',
    number({ from: 0 }),
    output,
  ),
  maxDrop: optional('exit 4 when quality drops by more than this fraction', number({ from: 0 }), output),
  ...dryRunOption,
  ...reportingOptions,
  ...engineOptions,
  memory: { ...memoryOptions.memory, settings: { ...memoryOptions.memory.settings, ...runtime } },
};

export const convert = command({
  positionals: { model: 'the ONNX model to convert' },
  options,
  examples: [
    [
      'convert net.onnx --to float16 --data test.npz --max-error 0.01 -o half.onnx',
      'half the bytes, if no output moves by 1 %',
    ],
    [
      'convert net.onnx --to float16 --set io=convert --exclude Softmax -o half.onnx',
      'inputs and outputs too, softmax in float32',
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
    const request = convertRequest(args, context.commandLine);
    if (args.dryRun) return dryRun('convert', request, args, context);
    const report = await context.job<ConvertReport>(new URL('../../pipeline/convert/job.js', import.meta.url), request);
    if (args.json) context.print(report);
    else context.say(convertText(report, request.output as ConvertOutput));
    return exitCodes.done;
  },
});

function convertRequest(
  args: ValuesOf<typeof options> & { readonly model: string },
  commandLine: readonly string[],
): ConvertRequest {
  const { model, to: target, include, exclude, weights, tokens, maxError, maxDrop, metric } = args;
  check(args);
  const [asked] = askedMethods(
    { command: 'convert', option: '--to', names, optionsOf: (name) => targetNamed(name).options },
    [target],
    args.set,
  );
  const calibration = { ...args, samples: args.calibrationSamples };
  return present({
    ...{ model, target, given: asked!.given, include, exclude, weights, tokens, maxError, maxDrop, commandLine },
    tokensFrom: args.tokensFrom.length > 0 ? dataRequest(args.tokensFrom, { ...args, samples: undefined }) : undefined,
    calibration: args.calibration.length > 0 ? dataRequest(args.calibration, calibration) : undefined,
    evaluation: args.data.length > 0 ? { ...dataRequest(args.data, args), metric } : undefined,
    engine: engineRequest(args),
    seed: args.seed ?? 0,
    output: outputOf(args),
  });
}

/** What can be told without reading a model: options that need each other. */
function check({
  to,
  weights,
  tokens,
  tokensFrom,
  data: given,
  calibration,
  calibrationSamples,
  samples,
  metric,
  maxError,
  maxDrop,
}: ValuesOf<typeof options>): void {
  const { needsData = false, takesData = needsData, takesTokens = false } = targetNamed(to);
  if (weights !== undefined && to !== 'dense')
    throw new UserError('convert', `--weights expected --to dense, got ${to}; leave it out`);
  checkTokens(
    to,
    takesTokens,
    { '--tokens': tokens, '--tokens-from': tokensFrom[0] },
    { '--max-error': maxError, '--max-drop': maxDrop },
  );
  if (needsData && calibration.length === 0)
    throw new UserError('convert', `--to ${to} expected calibration data, got none; name it with --calibration`);
  if (!takesData && calibration.length > 0)
    throw new UserError(
      'convert',
      `--to ${to} looks at no data, got --calibration; leave it out, or say --data to compare on it`,
    );
  if (calibrationSamples !== undefined && calibration.length === 0)
    throw new UserError('convert', '--calibration-samples expected --calibration, got none; leave it out');
  if (given.length > 0) return;
  const about = { '--samples': samples, '--metric': metric === 'auto' ? undefined : metric, '--max-drop': maxDrop };
  const idle = Object.entries(about).find(([, value]) => value !== undefined);
  if (idle) throw new UserError('convert', `${idle[0]} expected --data, got none; name data, or leave it out`);
}

type Given = Readonly<Record<string, string | number | undefined>>;

/** Where ids of tokens change, gates have nothing to compare. */
function checkTokens(to: TargetName, takesTokens: boolean, tokens: Given, gates: Given): void {
  const [of] = Object.entries(tokens).find(([, value]) => value !== undefined) ?? [];
  if (!takesTokens) {
    if (of === undefined) return;
    throw new UserError('convert', `${of} expected --to trim-vocabulary, got ${to}; leave it out`);
  }
  if (of === undefined)
    throw new UserError(
      'convert',
      `--to ${to} expected tokens to keep, got none; name a file of ids with --tokens, or data they occur in with --tokens-from`,
    );
  const [gate] = Object.entries(gates).find(([, value]) => value !== undefined) ?? [];
  if (gate !== undefined)
    throw new UserError(
      'convert',
      `${gate} expected a form with the same inputs, got ${to}, which changes token ids; leave it out, and judge the result with scalpel eval`,
    );
}

function outputOf({
  model,
  output: file,
  report,
  force,
  dryRun: isDry,
  weights,
  tokens,
}: ValuesOf<typeof options> & { readonly model: string }): ConvertOutput | undefined {
  if (file === undefined) {
    if (isDry) return undefined;
    throw new UserError('convert', 'expected --output, got nothing; name the converted file, or add --dry-run');
  }
  for (const [what, path] of [
    ['the model', model],
    ['the file of weights', weights],
    ['the file of tokens', tokens],
  ] as const) {
    if (path !== undefined && resolve(file) === resolve(path))
      throw new UserError('convert', `expected --output other than ${what}, got '${file}'; name another file`);
  }
  const folder = report ?? `${file}.report`;
  if (resolve(folder) === resolve(file))
    throw new UserError('convert', `--report expected another place than --output, got '${folder}'; change one`);
  return { file, report: folder, force };
}
