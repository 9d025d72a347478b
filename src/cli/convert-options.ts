/** The options of `scalpel convert`. */
import { type TargetName, targets } from '../convert/index.js';
import { auto } from '../pipeline/convert/forms/auto.js';
import { metricNames } from '../pipeline/requests.js';
import { groups } from './making-options.js';
import { dataOptions, dryRunOption, engineOptions, memoryOptions, reportingOptions } from './options.js';
import {
  integer,
  number,
  oneOf,
  optional,
  pair,
  type Reader,
  repeated,
  required,
  several,
  toggle,
  type ValuesOf,
  withDefault,
  word,
} from './values.js';

export type FormWord = TargetName | typeof auto.name;

const names: readonly FormWord[] = [...(Object.keys(targets) as TargetName[]), auto.name];
const form = { group: 'Form:' };
const { data, output, runtime } = groups;

const forms: Reader<readonly FormWord[]> = (text, refuse) =>
  text.split(',').map((each) => oneOf(names)(each.trim(), refuse));

export const convertOptions = {
  to: required(`form that is written, or several that are compared, with commas: ${names.join(', ')}`, forms, form),
  set: repeated(
    'OPTION=VALUE or FORM.OPTION=VALUE, repeatable; options: docs/convert.md',
    pair('OPTION', 'VALUE', word),
    form,
  ),
  include: several('only what matches: globs or re:… over names of weights and nodes, and ops', word, form),
  exclude: several('nothing that matches', word, form),
  weights: optional('with --to dense: .safetensors file of values for weights of the model', word, form),
  tokens: optional('with --to trim-vocabulary: file of the ids of tokens to keep', word, form),
  tokensFrom: several('with --to trim-vocabulary: text whose tokens are kept', word, form),

  data: several('models are compared on it; default: random numbers', word, data),
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
    'exit 4 when an output changes by more than this fraction of its norm; of several forms the best within it is written, default 0.01',
    number({ from: 0 }),
    output,
  ),
  maxDrop: optional('exit 4 when quality drops by more than this fraction; the same', number({ from: 0 }), output),
  ...dryRunOption,
  ...reportingOptions,
  ...engineOptions,
  memory: { ...memoryOptions.memory, settings: { ...memoryOptions.memory.settings, ...runtime } },
};

export type ConvertArgs = ValuesOf<typeof convertOptions> & { readonly model: string };
