/** Options shared by the commands that make a model of a model: what it is measured on, and where it goes. */
import { resolve } from 'node:path';
import { UserError } from '../errors.js';
import type { OutputRequest, RunRequest } from '../pipeline/prune/request.js';
import { metricNames } from '../pipeline/requests.js';
import { spelled } from './command.js';
import {
  dataOptions,
  dataRequest,
  dryRunOption,
  engineOptions,
  engineRequest,
  memoryOptions,
  reportingOptions,
} from './options.js';
import { present } from './present.js';
import { integer, number, oneOf, optional, several, toggle, type ValuesOf, withDefault, word } from './values.js';

/** What `--help` lists them under. */
export const groups = { data: { group: 'Data:' }, output: { group: 'Output:' }, runtime: { group: 'Runtime:' } };
const { data, output, runtime } = groups;

/** @param measured when the evaluation data is looked at, and `made` what the command makes. */
export const makingOptions = ({ measured, made }: { readonly measured: string; readonly made: string }) => ({
  evalData: several(measured, word, data),
  evalSamples: optional('of the evaluation data; default: all', integer({ from: 1 }), data),
  metric: withDefault(`headline figure: ${metricNames.join(', ')}`, oneOf(metricNames), 'auto', data),
  ...dataOptions,
  samples: optional(
    "of the calibration data; default: the descriptor's, 128 windows of text, or all",
    integer({ from: 1 }),
    data,
  ),

  output: optional(made, word, { ...output, alias: 'o' }),
  report: optional('folder of report.json and report.html; default: OUTPUT.report', word, output),
  run: optional('working folder, kept when named; default: OUTPUT.run', word, output),
  force: toggle('overwrite what exists', output),
  maxDrop: optional('exit 4 when quality drops by more than this fraction', number({ from: 0 }), output),
  ...dryRunOption,
  ...reportingOptions,
  ...engineOptions,
  ...memoryOptions,
  jobs: optional(
    'processes that share the regions, with --statistics-from dense and --inputs dense; --threads counts for each',
    integer({ from: 1, to: 256 }),
    runtime,
  ),
});

type Values = ValuesOf<ReturnType<typeof makingOptions>> & {
  readonly model: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly calibration: readonly string[];
};

/**
 * @param made what the command makes, for its error messages.
 * @param inputs models that are read, by what they are to be called.
 * @throws UserError for options about data that is not given, and for an output that is an input or missing.
 */
export function makingRequest(
  command: string,
  args: Values,
  commandLine: readonly string[],
  { made, inputs }: { readonly made: string; readonly inputs: readonly (readonly [what: string, path: string])[] },
): RunRequest & { readonly output?: OutputRequest } {
  checkData(command, args);
  const { model, include, exclude, calibration, evalData, evalSamples: samples, metric, jobs, maxDrop } = args;
  return present({
    model,
    layers: { include, exclude },
    calibration: calibration.length > 0 ? dataRequest(calibration, args) : undefined,
    evaluation: evalData.length > 0 ? { ...dataRequest(evalData, { ...args, samples }), metric } : undefined,
    engine: engineRequest(args),
    seed: args.seed ?? 0,
    jobs,
    maxDrop,
    output: outputRequest(command, args, made, inputs),
    commandLine,
  });
}

/** Options about data that is not given would do nothing. */
function checkData(command: string, { calibration, evalData, samples, evalSamples, metric, maxDrop }: Values): void {
  if (samples !== undefined && calibration.length === 0)
    throw new UserError(command, '--samples expected --calibration, got none; leave it out, or say --eval-samples');
  const about = { evalSamples, metric: metric === 'auto' ? undefined : metric, maxDrop };
  const idle = (Object.keys(about) as (keyof typeof about)[]).find((key) => about[key] !== undefined);
  if (idle === undefined || evalData.length > 0) return;
  throw new UserError(
    command,
    `--${spelled(idle)} expected --eval-data, got none; name it, or leave --${spelled(idle)} out`,
  );
}

function outputRequest(
  command: string,
  { output, report, run, force, dryRun }: Values,
  made: string,
  inputs: readonly (readonly [string, string])[],
): OutputRequest | undefined {
  if (output === undefined) {
    if (dryRun) return undefined;
    throw new UserError(command, `expected --output, got nothing; name ${made}, or add --dry-run`);
  }
  for (const [what, path] of inputs) {
    if (resolve(output) === resolve(path))
      throw new UserError(command, `expected --output other than ${what}, got '${output}'; name another file`);
  }
  return {
    model: output,
    report: report ?? `${output}.report`,
    run: run ?? `${output}.run`,
    keepRun: run !== undefined,
    force,
  };
}
