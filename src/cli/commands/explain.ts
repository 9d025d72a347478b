/** `scalpel explain`: the smallest believable change that makes a model say something else. */
import { explainerNames } from '../../counterfactual/catalogue.js';
import { type MeasureName, measures } from '../../counterfactual/measures.js';
import { choiceNames } from '../../counterfactual/several/diverse.js';
import { exitCodes, UserError } from '../../errors.js';
import type { ExplainRequest } from '../../pipeline/explain/request.js';
import type { FolderOutput } from '../../pipeline/folder-output.js';
import type { DataRequest } from '../../pipeline/requests.js';
import type { ExplainReport } from '../../report/explain-report.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
import { askedExplainers, goalFrom, openRange, rowNumbers, target } from '../explain-options.js';
import { explainText } from '../explain-text.js';
import { folderOptions, folderOutput } from '../folder-output.js';
import { dataOptions, dataRequest, dryRunOption, engineOptions, engineRequest, reportingOptions } from '../options.js';
import { oracleOptions } from '../oracle-options.js';
import { present } from '../present.js';
import {
  integer,
  number,
  oneOf,
  optional,
  pair,
  repeated,
  several,
  someOf,
  type ValuesOf,
  withDefault,
  word,
} from '../values.js';

const data = { group: 'Data:' };
const goal = { group: 'What the model should say:' };
const method = { group: 'Method:' };
const plausible = { group: 'What is plausible:' };

const options = {
  data: someOf('instances: files, a folder of pictures, or a descriptor (.yaml)', word, data),
  schema: optional('features of a table and how they may change (.yaml, .json): docs/schema.md', word, data),
  rows: optional('only these samples, by number from 0: 3,10-12', rowNumbers, data),
  from: optional('only samples that the model says this class of, by name or number', word, data),
  examples: optional('at most so many instances; default: all', integer({ from: 1 }), data),

  target: optional('other (the most likely other class), +1 (the next one), or a class; default: other', target, goal),
  probability: optional('that the class is to have at least', number({ from: 0, to: 1 }), goal),
  range: optional('of a regressor: LOW,HIGH, or one of them', openRange, goal),
  margin: optional('by how much the goal is to be passed, in the unit of the scores', number({ from: 0 }), goal),

  method: several(`methods, with commas between: ${explainerNames.join(', ')}; default: scfe`, word, method),
  set: repeated(
    'OPTION=VALUE or METHOD.OPTION=VALUE, repeatable; options: docs/counterfactuals.md',
    pair('OPTION', 'VALUE', word),
    method,
  ),
  keep: optional(
    `of all that is found, what is least: ${Object.keys(measures).join(', ')}; default: objective`,
    oneOf(Object.keys(measures) as MeasureName[]),
    method,
  ),
  count: optional(
    'counterfactuals of each instance, unlike each other; default: 1',
    integer({ from: 1, to: 100 }),
    method,
  ),
  diversity: withDefault(
    `by what several are picked: ${choiceNames.join(', ')}`,
    oneOf(choiceNames),
    'determinantal',
    method,
  ),
  queries: optional('most forward passes an instance', integer({ from: 1 }), method),
  seconds: withDefault('most seconds an instance', number({ from: 0 }), '60', method),

  reference: several('examples that say what is plausible, or none; default: the data', word, plausible),
  referenceSamples: withDefault('at most so many of them, drawn by the seed', integer({ from: 1 }), '5000', plausible),
  referenceClasses: optional(
    'whose word their classes are: data or model; default: data where they have labels',
    oneOf(['data', 'model']),
    plausible,
  ),
  densities: optional('folder where fitted densities are kept, to be used again', word, plausible),
  autoencoder: optional('ONNX model of an autoencoder of the input', word, plausible),
  encoder: optional('ONNX model from the input to latent numbers', word, plausible),
  decoder: optional('ONNX model from latent numbers to the input', word, plausible),
  classAutoencoder: repeated(
    'CLASS=MODEL: an autoencoder of that class alone, for the figures IM1 and IM2; repeatable',
    pair('CLASS', 'MODEL', word),
    plausible,
  ),
  flow: optional('ONNX model of a log density of the input', word, plausible),

  ...oracleOptions('What is explained:', 'explained'),
  ...dataOptions,
  ...folderOptions('report, tables (.csv), arrays (.npz) and pictures'),
  ...dryRunOption,
  ...reportingOptions,
  ...engineOptions,
};

export const explain = command({
  positionals: { model: 'the ONNX classifier or regressor to explain' },
  options,
  examples: [
    [
      'explain net.onnx --data people.csv --label-column income --schema people.yaml -o out',
      'what would flip each decision',
    ],
    [
      'explain net.onnx --data people.csv --rows 17 --target approved --probability 0.8 -o out',
      'of one person, surely',
    ],
    ['explain net.onnx --data test.csv --reference train.csv --method scfe,face,wachter -o out', 'methods compared'],
    ['explain price.onnx --data houses.csv --label-column price --range 300, -o out', 'what a house lacks to 300'],
    ['explain fcn.onnx --data ECG_TEST.tsv --standardise z -o out', 'which stretch of a series decides'],
  ],
  async run(args, context) {
    const request = explainRequest(args, context.commandLine);
    if (args.dryRun) return dryRun('explain', request, args, context);
    const report = await context.job<ExplainReport>(new URL('../../pipeline/explain/job.js', import.meta.url), request);
    if (args.json) context.print(report);
    else context.say(explainText(report, (request.output as FolderOutput).folder));
    return report.found > 0 ? exitCodes.done : exitCodes.notFound;
  },
});

function explainRequest(
  args: ValuesOf<typeof options> & { readonly model: string },
  commandLine: readonly string[],
): ExplainRequest {
  const { model: path, schema, rows, from, examples, probability, margin, keep, queries, seconds } = args;
  const { bounds, mask, input, scores, space, gradient, densities, seed } = args;
  const { autoencoder, encoder, decoder, flow, referenceSamples, referenceClasses } = args;
  return present({
    model: path,
    data: dataRequest(args.data, args),
    reference: referenceRequest(args),
    ...{ referenceSamples, referenceClasses, schema, probability, margin, examples, rows, from, keep },
    goal: goalFrom(args.target, args.range),
    methods: askedExplainers(args.method, args.set),
    bounds: bounds.length > 0 ? bounds : undefined,
    ...{ mask, input, scores, space, gradient, densities },
    companions: present({
      ...{ autoencoder, encoder, decoder, flow },
      perClass: args.classAutoencoder.length > 0 ? Object.fromEntries(args.classAutoencoder) : undefined,
    }),
    several: (args.count ?? 1) > 1 ? { count: args.count!, choice: args.diversity } : undefined,
    limits: present({ queries, seconds }),
    seed: seed ?? 0,
    engine: engineRequest(args),
    output: folderOutput('explain', args, path),
    commandLine,
  });
}

/** Read as the data are; a file of labels beside the data says nothing of it. */
function referenceRequest(args: ValuesOf<typeof options>): DataRequest | 'none' | undefined {
  const { reference } = args;
  if (reference.length === 0) return undefined;
  if (reference.includes('none')) {
    if (reference.length === 1) return 'none';
    throw new UserError('explain', "--reference expected 'none' alone, got files beside it; leave one out");
  }
  const { labels: _, samples: __, ...request } = dataRequest(reference, args);
  return request;
}
