/** From the words of `scalpel convert` to what it asks for, and what can be told of them without reading a model. */
import { resolve } from 'node:path';
import { type Target, type TargetName, targetNamed, targets } from '../convert/index.js';
import { UserError } from '../errors.js';
import { auto } from '../pipeline/convert/forms/auto.js';
import { allForms } from '../pipeline/convert/forms/candidates.js';
import type { FormsOutput, FormsRequest } from '../pipeline/convert/forms/request.js';
import type { ConvertInputs, ConvertOutput, ConvertRequest, FormRequest } from '../pipeline/convert/request.js';
import type { OptionSpecs } from '../settings/index.js';
import { askedMethods } from './asked-methods.js';
import type { ConvertArgs, FormWord } from './convert-options.js';
import { dataRequest, engineRequest } from './options.js';
import { present } from './present.js';
import { listed } from './values.js';

/** One form, or several that are compared. */
export const comparesForms = ({ to }: ConvertArgs): boolean => to.length > 1 || to[0] === auto.name;

/** @throws UserError for options that do not go together. */
export function convertRequest(args: ConvertArgs, commandLine: readonly string[]): ConvertRequest {
  const [target] = args.to as [TargetName];
  checkForms([target], args);
  const { needsData, takesTokens } = targetNamed(target);
  if (needsData && args.calibration.length === 0)
    throw new UserError('convert', `--to ${target} expected calibration data, got none; name it with --calibration`);
  if (takesTokens) checkTokens(target, args);
  const [asked] = askedMethods({ ...catalogue, names: Object.keys(targets) as TargetName[] }, [target], args.set);
  return present({ ...inputsOf(args, commandLine), target, given: asked!.given, output: outputOf(args) });
}

/** @throws UserError for options that do not go together. */
export function formsRequest(args: ConvertArgs, commandLine: readonly string[]): FormsRequest {
  const named = args.to.filter((name) => name !== auto.name);
  const isAll = named.length < args.to.length;
  const names = isAll ? (Object.keys(targets) as TargetName[]) : [...new Set(named)];
  if (args.weights !== undefined)
    throw new UserError('convert', '--weights expected --to dense alone, got several forms; leave it out');
  checkForms(names, args);
  const [own, ...asked] = askedMethods<FormWord>(
    { ...catalogue, names: [auto.name, ...names] },
    [auto.name, ...names],
    args.set,
  );
  return present({
    ...inputsOf(args, commandLine),
    forms: formsOf(asked as { name: TargetName; given: FormRequest['given'] }[]),
    given: own!.given,
    output: formsOutputOf(args),
  });
}

const catalogue = {
  command: 'convert',
  option: '--to',
  optionsOf: (name: FormWord): OptionSpecs => (name === auto.name ? auto.options : targetNamed(name).options),
};

/** What was set of a form takes the place of what it is usually tried with. */
const formsOf = (
  asked: readonly { readonly name: TargetName; readonly given: FormRequest['given'] }[],
): FormRequest[] =>
  asked.flatMap(({ name: target, given }) =>
    Object.keys(given).length > 0 ? [{ target, given }] : allForms().filter((form) => form.target === target),
  );

const inputsOf = (args: ConvertArgs, commandLine: readonly string[]): ConvertInputs => {
  const { model, include, exclude, weights, tokens, maxError, maxDrop, metric } = args;
  const calibration = { ...args, samples: args.calibrationSamples };
  return present({
    ...{ model, include, exclude, weights, tokens, maxError, maxDrop, commandLine },
    tokensFrom: args.tokensFrom.length > 0 ? dataRequest(args.tokensFrom, { ...args, samples: undefined }) : undefined,
    calibration: args.calibration.length > 0 ? dataRequest(args.calibration, calibration) : undefined,
    evaluation: args.data.length > 0 ? { ...dataRequest(args.data, args), metric } : undefined,
    engine: engineRequest(args),
    seed: args.seed ?? 0,
  });
};

/** What no form of them looks at. */
function checkForms(names: readonly TargetName[], args: ConvertArgs): void {
  const { weights, tokens, tokensFrom, data, calibration, calibrationSamples, samples, metric, maxDrop } = args;
  const forms = names.map((name): Target<OptionSpecs> => targetNamed(name));
  const what = listed(names, 'or');
  if (weights !== undefined && !names.includes('dense'))
    throw new UserError('convert', `--weights expected --to dense, got ${what}; leave it out`);
  const of = firstOf({ '--tokens': tokens, '--tokens-from': tokensFrom[0] });
  if (of !== undefined && !forms.some(({ takesTokens }) => takesTokens))
    throw new UserError('convert', `${of} expected --to trim-vocabulary, got ${what}; leave it out`);
  if (calibration.length > 0 && !forms.some(({ needsData = false, takesData = needsData }) => takesData))
    throw new UserError(
      'convert',
      `--to ${what} looks at no data, got --calibration; leave it out, or say --data to compare on it`,
    );
  if (calibrationSamples !== undefined && calibration.length === 0)
    throw new UserError('convert', '--calibration-samples expected --calibration, got none; leave it out');
  if (data.length > 0) return;
  const idle = firstOf({
    '--samples': samples,
    '--metric': metric === 'auto' ? undefined : metric,
    '--max-drop': maxDrop,
  });
  if (idle !== undefined)
    throw new UserError('convert', `${idle} expected --data, got none; name data, or leave it out`);
}

/** Where ids of tokens change, gates have nothing to compare. */
function checkTokens(to: TargetName, { tokens, tokensFrom, maxError, maxDrop }: ConvertArgs): void {
  if (tokens === undefined && tokensFrom.length === 0)
    throw new UserError(
      'convert',
      `--to ${to} expected tokens to keep, got none; name a file of ids with --tokens, or data they occur in with --tokens-from`,
    );
  const gate = firstOf({ '--max-error': maxError, '--max-drop': maxDrop });
  if (gate !== undefined)
    throw new UserError(
      'convert',
      `${gate} expected a form with the same inputs, got ${to}, which changes token ids; leave it out, and judge the result with scalpel eval`,
    );
}

const firstOf = (given: Readonly<Record<string, string | number | undefined>>): string | undefined =>
  Object.entries(given).find(([, value]) => value !== undefined)?.[0];

function outputOf(args: ConvertArgs): ConvertOutput | undefined {
  const { output: file, force, dryRun: isDry } = args;
  if (file !== undefined) return { file, report: reportOf(file, args), force };
  if (isDry) return undefined;
  throw new UserError('convert', 'expected --output, got nothing; name the converted file, or add --dry-run');
}

/** Without a file, forms are only compared. */
function formsOutputOf(args: ConvertArgs): FormsOutput | undefined {
  const { output: file, report, force } = args;
  if (file !== undefined) return { file, report: reportOf(file, args), force };
  return report === undefined ? undefined : { report, force };
}

function reportOf(file: string, { model, report, weights, tokens }: ConvertArgs): string {
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
  return folder;
}
