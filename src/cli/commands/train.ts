/** `scalpel train`: a classifier of time series from few labels. */

import { type Kind, kinds } from '../../data/kinds.js';
import { exitCodes, UserError } from '../../errors.js';
import { type ScheduleName, schedules } from '../../optim/schedules.js';
import type { FolderOutput } from '../../pipeline/folder-output.js';
import type { SearchRequest, SeriesRequest, TrainRequest } from '../../pipeline/train/request.js';
import type { TrainReport } from '../../report/train-report.js';
import { type AlgorithmName, algorithmNamed, algorithms } from '../../train/algorithms/index.js';
import { type BackboneName, backbones } from '../../train/backbones/index.js';
import { type BaselineName, baselines } from '../../train/baselines/index.js';
import { usualSettings } from '../../train/settings.js';
import { askedMethods } from '../asked-methods.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
import { folderOptions, folderOutput } from '../folder-output.js';
import { dryRunOption, engineOptions, engineRequest, reportingOptions } from '../options.js';
import { present } from '../present.js';
import { budgets, seeds, trainingStandardise, viewName } from '../train-options.js';
import { trainText } from '../train-text.js';
import {
  integer,
  number,
  oneOf,
  optional,
  pair,
  repeated,
  several,
  someOf,
  toggle,
  type ValuesOf,
  withDefault,
  word,
} from '../values.js';

const start = { group: 'Start:' };
const data = { group: 'Series:' };
const labels = { group: 'Labels:' };
const method = { group: 'Algorithm:' };
const search = { group: 'Search:' };
const training = { group: 'Training:' };
const views = { group: 'Views:' };
const usual = (name: keyof typeof usualSettings): string => String(usualSettings[name]);
const names = Object.keys(algorithms) as AlgorithmName[];

const options = {
  model: optional('ONNX classifier that is trained further; default: a fresh backbone', word, start),
  backbone: optional(
    `fresh network: ${Object.keys(backbones).join(', ')}; default: fcn`,
    oneOf(Object.keys(backbones) as BackboneName[]),
    start,
  ),
  width: optional('channels of its first layer; default: as published', integer({ from: 1, to: 4096 }), start),
  dropout: optional('share of its features that training drops; default: 0', number({ from: 0, below: 1 }), start),
  newHead: toggle('draw the last layer of the model anew, for the classes of the data', start),
  freeZeros: toggle('let weights that are zero in the model move; default: a pruned model stays pruned', start),

  data: someOf('training series, labelled or not (an empty label, ? or NaN): files or a descriptor', word, data),
  unlabelled: several('more series, whose labels do not count', word, data),
  validation: several('labelled series to judge on; default: drawn from the training series', word, data),
  test: several('labelled series for the figures of the report', word, data),
  kind: optional(`what the files hold: ${kinds.join(', ')}; default: told by their names`, oneOf<Kind>(kinds), data),
  labelColumn: optional('column or field that holds the label, by name or number from 0', word, data),
  labelFile: optional('file of the labels of the training series: JSON, CSV, text or idx', word, data),
  noLabel: optional('the label that marks series without one', word, data),
  classes: several('labels in the order of the classes; default: as the model or the files say, or sorted', word, data),
  columns: several('tables: columns taken as steps, in this order; default: all but the label', word, data),
  delimiter: optional('tables: between cells; default: told from the first line', word, data),
  header: optional('tables: whether the first line names the columns; default: told', oneOf(['yes', 'no']), data),
  missing: optional('number in the place of missing values; default: they are refused', number(), data),
  stepsFirst: toggle('arrays are [series, length, channels]', data),
  standardise: optional(
    'none, min-max or z, kept inside the model: alone, each series by itself; :training, :FILE, :LOW,HIGH or :MEAN,DEVIATION; default: none',
    trainingStandardise,
    data,
  ),
  cutSeries: toggle('cut series that are longer than those trained on', data),
  padSeries: toggle('fill up series of files that are shorter than those of others', data),

  labels: withDefault('how many labels are used: 50,100,all; a training for each', budgets, 'all', labels),
  seeds: withDefault('how many seeds, or which (138,299); a training for each', seeds, '1', labels),
  validationSize: optional(
    'series to validate on; default: 100, at most a fifth of the labelled',
    integer({ from: 1 }),
    labels,
  ),
  testSize: optional('at most so many test series, drawn by class; default: all', integer({ from: 1 }), labels),

  algorithm: withDefault(names.join(', '), oneOf(names), 'mixmatch', method),
  set: repeated(
    'OPTION=VALUE of the algorithm, repeatable; options: docs/training.md',
    pair('OPTION', 'VALUE', word),
    method,
  ),
  baseline: several(
    `what else is fitted to the same labels, with commas between: ${Object.keys(baselines).join(', ')}`,
    word,
    method,
  ),

  search: toggle('search settings first (Hyperband), by the first of --labels and --seeds', search),
  trials: optional('settings that are tried; default: 30, or as many as --minutes allow', integer({ from: 1 }), search),
  minutes: optional('after which no trial begins', number({ from: 0 }), search),

  steps: optional(`most steps of a training; default: ${usual('steps')}`, integer({ from: 1, to: 1e7 }), training),
  epochs: optional(
    "most times through the labelled series; default: no limit, or the algorithm's where --steps says nothing",
    number({ from: 1e-6 }),
    training,
  ),
  every: withDefault(
    'steps from one judgement on validation series to the next',
    integer({ from: 1 }),
    usual('every'),
    training,
  ),
  patience: withDefault(
    'judgements without a better one before training ends',
    integer({ from: 1 }),
    usual('patience'),
    training,
  ),
  chooseFrom: optional(
    `share of the steps before which no weights are chosen; default: ${usual('chooseFrom')}, or the algorithm's`,
    number({ from: 0, to: 1 }),
    training,
  ),
  labelledBatch: withDefault(
    'labelled series of a step',
    integer({ from: 1, to: 65536 }),
    usual('labelledBatch'),
    training,
  ),
  unlabelledBatch: withDefault(
    'unlabelled series of a step',
    integer({ from: 1, to: 65536 }),
    usual('unlabelledBatch'),
    training,
  ),
  optimiser: withDefault('adamw, or sgd (Nesterov)', oneOf(['adamw', 'sgd']), usual('optimiser'), training),
  rate: withDefault('highest learning rate', number({ from: 1e-12, to: 1e3 }), usual('rate'), training),
  schedule: withDefault(
    `of the learning rate: ${Object.keys(schedules).join(', ')}`,
    oneOf(Object.keys(schedules) as ScheduleName[]),
    usual('schedule'),
    training,
  ),
  warmUp: withDefault('share of the steps over which it rises', number({ from: 0, to: 1 }), usual('warmUp'), training),
  weightDecay: withDefault('of the optimiser', number({ from: 0 }), usual('weightDecay'), training),
  clip: optional('largest joint norm of the gradients; default: not clipped', number({ from: 1e-12 }), training),
  classWeights: withDefault(
    'none, or balanced: each class counts as much',
    oneOf(['none', 'balanced']),
    'none',
    training,
  ),
  average: optional(
    "decay of an average of the weights that is kept; default: none, or the algorithm's",
    number({ from: 0, below: 1 }),
    training,
  ),

  augment: optional(
    "of series: none, N,M (RandAugment of N augmentations, magnitude M / 10), or NAME:MAGNITUDE; default: none, or the algorithm's",
    viewName,
    views,
  ),
  weak: withDefault('the weak view of fixmatch', viewName, usual('weak'), views),
  strong: withDefault('the strong view of fixmatch', viewName, usual('strong'), views),

  saveAll: toggle('write the model of every training, not only of the best', { group: 'Output:' }),
  ...folderOptions('model, report and figures'),
  ...dryRunOption,
  ...reportingOptions,
  ...engineOptions,
};

export const train = command({
  positionals: {},
  options,
  examples: [
    ['train --data ECG_TRAIN.tsv --test ECG_TEST.tsv --labels 50 -o out', 'mixmatch from 50 labels'],
    [
      'train --data Crop.tsv --test Crop_TEST.tsv --algorithm vat --labels 50,100,250 --seeds 5 -o out',
      'a label budget plot',
    ],
    ['train --model fcn.onnx --data ours.tsv --algorithm supervised --rate 1e-4 -o out', 'fine-tuning'],
    ['train --model pruned.onnx --data ours.tsv --labels 50 -o out', 'recovery after pruning, zeros held'],
    [
      'train --data HAR.ts --backbone inception-time --standardise z:training --labels 100 -o out',
      'channels scaled inside the model',
    ],
  ],
  async run(args, context) {
    const request = trainRequest(args, context.commandLine);
    if (args.dryRun) return dryRun('train', request, args, context);
    const report = await context.job<TrainReport>(new URL('../../pipeline/train/job.js', import.meta.url), request);
    if (args.json) context.print(report);
    else context.say(trainText(report, (request.output as FolderOutput).folder));
    return exitCodes.done;
  },
});

function trainRequest(args: ValuesOf<typeof options>, commandLine: readonly string[]): TrainRequest {
  const { model, backbone, width, dropout, every, patience, labelledBatch, unlabelledBatch } = args;
  const { optimiser, rate, schedule, warmUp, weightDecay, clip, classWeights, weak, strong } = args;
  const fresh = Object.entries({ backbone, width, dropout }).find(([, value]) => value !== undefined);
  if (model !== undefined && fresh)
    throw new UserError('train', `--${fresh[0]} is of fresh networks, got --model; leave one out`);
  if (model === undefined && args.newHead)
    throw new UserError('train', '--new-head expected --model, got none; name one, or leave it out');
  const [asked] = askedMethods(
    { command: 'train', option: '--algorithm', names, optionsOf: (name) => algorithms[name].options },
    [args.algorithm],
    args.set,
  );
  const { epochs, steps, chooseFrom, average, augment } = args;
  return present({
    model,
    backbone: present({ name: backbone ?? 'fcn', width, dropout }),
    newHead: args.newHead,
    holdsZeros: !args.freeZeros,
    data: seriesRequest(args),
    draws: present({ budgets: args.labels, seeds: args.seeds, validation: args.validationSize, test: args.testSize }),
    algorithm: asked!.name,
    given: asked!.given,
    training: present({
      ...{ ...usualSettings, ...algorithmNamed(asked!.name).usual },
      ...(steps !== undefined && { steps, epochs: undefined }),
      ...present({ epochs, chooseFrom, average, augment }),
      ...{ every, patience, labelledBatch, unlabelledBatch, optimiser, rate, schedule, warmUp, weightDecay },
      ...{ clip, classWeights, weak, strong },
    }),
    search: searchRequest(args),
    baselines: askedBaselines(args.baseline),
    savesAll: args.saveAll,
    engine: engineRequest(args),
    output: folderOutput('train', args, model),
    commandLine,
  });
}

function seriesRequest(args: ValuesOf<typeof options>): SeriesRequest {
  const { kind, labelColumn: label, labelFile, noLabel, delimiter, header, missing, standardise } = args;
  return present({
    training: args.data,
    unlabelled: given(args.unlabelled),
    validation: given(args.validation),
    test: given(args.test),
    ...{ kind, label, labels: labelFile, noLabel, delimiter, missing, standardise },
    header: header && header === 'yes',
    classes: listOf(args.classes),
    columns: listOf(args.columns),
    stepsFirst: args.stepsFirst || undefined,
    cutSeries: args.cutSeries || undefined,
    padSeries: args.padSeries || undefined,
  });
}

const usualTrials = 30;

function searchRequest({ search: isAsked, trials, minutes }: ValuesOf<typeof options>): SearchRequest | undefined {
  if (isAsked) return present({ trials: trials ?? (minutes === undefined ? usualTrials : undefined), minutes });
  const lone = trials === undefined ? (minutes === undefined ? undefined : '--minutes') : '--trials';
  if (lone) throw new UserError('train', `${lone} expected --search, got none; add it`);
  return undefined;
}

const askedBaselines = (words: readonly string[]): BaselineName[] =>
  askedMethods(
    {
      ...{ command: 'train', option: '--baseline', names: Object.keys(baselines) as BaselineName[] },
      optionsOf: (name) => baselines[name].options,
    },
    words.flatMap((each) => each.split(',')),
    [],
  ).map(({ name }) => name);

const given = (files: readonly string[]): readonly string[] | undefined => (files.length > 0 ? files : undefined);

/** Words, each of which may be several with commas between. */
const listOf = (words: readonly string[]): string[] | undefined =>
  words.length > 0 ? words.flatMap((each) => each.split(',')) : undefined;
