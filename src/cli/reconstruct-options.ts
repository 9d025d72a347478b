/** Options of reconstruction, shared by the commands that do it, and the plain request they make. */
import { UserError } from '../errors.js';
import { type OptimiserName, optimisers, type ScheduleName, schedules } from '../optim/index.js';
import {
  type ReconstructionRequest,
  reconstructionDefaults,
  retrainRate,
  solverNames,
} from '../pipeline/reconstruct/request.js';
import { type AdapterName, adapters } from '../reconstruct/adapters/index.js';
import { defaultRidge } from '../reconstruct/least-squares.js';
import type { RegionChoice } from '../regions/index.js';
import { spelled } from './command.js';
import { present } from './present.js';
import { integer, number, oneOf, optional, toggle, type ValuesOf } from './values.js';

const group = { group: 'Reconstruction:' };
const { descent, ...fallback } = reconstructionDefaults;
const optimiserNames = Object.keys(optimisers) as OptimiserName[];
const scheduleNames = Object.keys(schedules) as ScheduleName[];
const adapterNames = Object.keys(adapters) as AdapterName[];

/** Each is absent unless it was given, so that one that would do nothing can be refused. */
export const reconstructionOptions = {
  retrain: toggle('trains the model as a whole on tokens or labels instead: the baseline', group),
  inputs: optional(
    `what a region is fed: as the model has become (sparse), or as it was (dense); default: ${fallback.inputs}`,
    oneOf(['sparse', 'dense']),
    group,
  ),
  targets: optional(
    `what it should answer: as the dense model there, or its own dense self to the same inputs; default: ${fallback.targets}`,
    oneOf(['dense', 'own']),
    group,
  ),
  solver: optional(
    `${solverNames.join(' or ')} (exact, for regions of one matrix); default: ${fallback.solver}`,
    oneOf(solverNames),
    group,
  ),
  ridge: optional(
    `least-squares: added to the diagonal, relative to its mean; default: ${defaultRidge}`,
    number({ from: 0, below: 1e6 }),
    group,
  ),
  trained: optional(`what moves: ${adapterNames.join(', ')}; default: ${fallback.trained}`, oneOf(adapterNames), group),
  rank: optional('of low-rank changes; default: 16', integer({ from: 1 }), group),
  alpha: optional('low-rank changes count alpha / rank times; default: 32', number({ from: 0 }), group),
  optimiser: optional(`${optimiserNames.join(' or ')}; default: ${descent.optimiser}`, oneOf(optimiserNames), group),
  rate: optional(
    `highest learning rate; default: ${descent.rate}, with --retrain ${retrainRate}; less for products of more than ${descent.ratedColumns} columns`,
    number({ from: 1e-12, to: 1e3 }),
    group,
  ),
  epochs: optional(
    `passes over the calibration data; default: ${descent.epochs}, and for other data than text as many as show ${descent.leastSamples} samples`,
    integer({ from: 1 }),
    group,
  ),
  batchSize: optional(`samples (windows of text) a step; default: ${descent.batchSize}`, integer({ from: 1 }), group),
  accumulate: optional('runs in which a step is done: more take less memory; default: 1', integer({ from: 1 }), group),
  schedule: optional(
    `of the rate: ${scheduleNames.join(', ')}; default: ${descent.schedule}`,
    oneOf(scheduleNames),
    group,
  ),
  warmUp: optional(
    `fraction of the steps over which the rate rises; default: ${descent.warmUp}`,
    number({ from: 0, below: 1 }),
    group,
  ),
  clip: optional('largest norm of the gradient; default: none', number({ from: 1e-12 }), group),
  loss: optional(`mse or cosine; default: ${descent.loss}`, oneOf(['mse', 'cosine']), group),
  patience: optional(
    'epochs without a better loss before a region is done; default: all are run',
    integer({ from: 1 }),
    group,
  ),
  heldOut: optional(
    'fraction of the calibration data that decides what is best; default: none',
    number({ from: 0, below: 1 }),
    group,
  ),
  shuffle: toggle('another order of the batches in every epoch', group),
};

type Given = ValuesOf<typeof reconstructionOptions>;
type Values = Given & { readonly jobs?: number | undefined };
type Key = keyof Given;

/** With every default filled in. @throws UserError for options that contradict each other. */
export function reconstructionRequest(
  command: string,
  wanted: RegionChoice | undefined,
  args: Values,
): ReconstructionRequest {
  const regions = wanted ?? fallback.regions;
  check(command, wanted, args);
  const { retrain, inputs, targets, solver, trained, rank, alpha, ridge, heldOut, shuffle, ...rest } = args;
  const { optimiser, rate, epochs, batchSize, accumulate, schedule, warmUp, clip, loss, patience } = rest;
  const given = present({ optimiser, rate, epochs, batchSize, accumulate, schedule, warmUp, clip, loss, patience });
  return present({
    ...fallback,
    ...present({ inputs, targets, solver, trained, rank, alpha, ridge, heldOut }),
    regions,
    retrain,
    descent: { ...usual(rate, epochs), ...(retrain && { rate: retrainRate }), ...given, shuffle },
  });
}

/** What adapts to the data and the layers does so only where nothing was said of it. */
function usual(rate: number | undefined, epochs: number | undefined) {
  const { ratedColumns, ...others } = descent;
  return {
    ...others,
    ...(rate === undefined && { ratedColumns }),
    ...(epochs !== undefined && { leastSamples: 0 }),
  };
}

/** @throws UserError for the first option of reconstruction that was given, where there is none. */
export function refuseReconstruction(command: string, args: Given, instead: string): void {
  const key = given(args)[0];
  if (key) throw new UserError(command, `--${spelled(key)} expected ${instead}, got none; add it, or leave it out`);
}

const given = (args: Given): Key[] =>
  (Object.keys(reconstructionOptions) as Key[]).filter((key) => args[key] !== undefined && args[key] !== false);

/** What only the descent reads. */
const ofDescent: readonly Key[] = [
  ...(['trained', 'optimiser', 'rate', 'epochs', 'schedule', 'warmUp', 'clip', 'loss', 'patience', 'shuffle'] as const),
];

/** What only regions have. */
const ofRegions: readonly Key[] = ['inputs', 'targets', 'solver', 'ridge', 'trained', 'rank', 'alpha', 'loss'];

const lowRank: readonly AdapterName[] = ['lora', 'lora-prune', 'mask-lora', 'scale-lora', 'spp'];

function check(command: string, wanted: RegionChoice | undefined, args: Values): void {
  const refuse = (text: string): never => {
    throw new UserError(command, text);
  };
  const { inputs, targets, solver = fallback.solver, trained = fallback.trained, batchSize, accumulate = 1 } = args;
  const regions = wanted ?? fallback.regions;
  if (args.retrain) {
    const idle = given(args).find((key) => ofRegions.includes(key));
    if (wanted !== undefined || idle) {
      const option = idle ? spelled(idle) : command === 'prune' ? 'reconstruct' : 'regions';
      refuse(`--${option} expected reconstruction by regions, got --retrain too; leave one out`);
    }
  }
  if (solver === 'least-squares') {
    if (regions !== 'matrix')
      refuse('--solver least-squares expected regions of one matrix; say --reconstruct matrix, or take descent');
    const idle = given(args).find((key) => ofDescent.includes(key));
    if (idle) refuse(`--${spelled(idle)} expected --solver descent, got least-squares; leave it out`);
  } else if (args.ridge !== undefined) refuse('--ridge expected --solver least-squares, got descent; leave it out');
  for (const key of ['rank', 'alpha'] as const) {
    if (args[key] !== undefined && !lowRank.includes(trained))
      refuse(
        `--${key} expected --trained ${lowRank.slice(0, -1).join(', ')} or ${lowRank.at(-1)}, got ${trained}; leave it out`,
      );
  }
  if (inputs === 'dense' && targets === 'own')
    refuse(
      '--targets own expected --inputs sparse, got dense, for which both targets are the same; leave --targets out',
    );
  const { jobs = 1 } = args;
  if (jobs > 1 && args.retrain && command === 'reconstruct')
    refuse(`--jobs ${jobs} expected reconstruction by regions, got --retrain, which is one; leave one out`);
  if (jobs > 1 && !args.retrain && inputs !== 'dense')
    refuse(
      `--jobs ${jobs} expected --inputs dense, got sparse, with which each region waits for the one before; add --inputs dense, or leave --jobs out`,
    );
  const size = batchSize ?? descent.batchSize;
  if (size % accumulate !== 0)
    refuse(`--accumulate expected a number that divides --batch-size ${size}, got ${accumulate}`);
}
