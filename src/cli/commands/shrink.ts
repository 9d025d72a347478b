/** `scalpel shrink`: a model in, the same model without some of its channels, neurons, heads or states out. */
import { exitCodes, UserError } from '../../errors.js';
import { type Kind, kinds } from '../../groups/kinds.js';
import type { OutputRequest } from '../../pipeline/prune/request.js';
import {
  type AmountRequest,
  type ShrinkRequest,
  type TargetOf,
  targetsOf,
  usualUnits,
} from '../../pipeline/shrink/request.js';
import { type UnitCriterion, type UnitCriterionName, unitCriteria } from '../../prune/units/index.js';
import type { ShrinkReport } from '../../report/shrink-report.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
import { groups, makingOptions, makingRequest } from '../making-options.js';
import { present } from '../present.js';
import { reconstructionOptions, reconstructionRequest, refuseReconstruction } from '../reconstruct-options.js';
import { regionChoice, regionWords } from '../region-choice.js';
import { shrinkText } from '../shrink-text.js';
import {
  integer,
  number,
  oneOf,
  optional,
  type Reader,
  several,
  toggle,
  type ValuesOf,
  withDefault,
  word,
} from '../values.js';

const made = 'the shrunk model';
const what = { group: 'What goes:' };
const kindNames = Object.keys(kinds) as Kind[];
const criterionNames = Object.keys(unitCriteria) as UnitCriterionName[];

/** `latency=0.6`. */
const target: Reader<AmountRequest> = (text, refuse) => {
  const [of, share, ...rest] = text.split('=');
  const fraction = Number(share);
  const isKnown = (targetsOf as readonly string[]).includes(of!);
  if (!isKnown || share?.trim() === '' || rest.length > 0 || !(fraction > 0 && fraction < 1))
    return refuse(`expected ${targetsOf.join(', ')} and a fraction below 1, such as latency=0.6, got '${text}'`);
  return { kind: 'target', of: of as TargetOf, fraction };
};

const kindList: Reader<readonly Kind[]> = (text, refuse) =>
  text.split(',').map((each) => oneOf(kindNames)(each.trim(), refuse));

const options = {
  units: withDefault(`what may go, several with commas: ${kindNames.join(', ')}`, kindList, usualUnits.join(','), what),
  criterion: withDefault(`what decides: ${criterionNames.join(', ')}`, oneOf(criterionNames), 'magnitude', {
    ...what,
    alias: 'method',
  }),
  sparsity: optional('the fraction of units that goes', number({ from: 0, below: 1 }), what),
  target: optional(
    `what the model is to come down to instead, as a fraction: ${targetsOf.join(', ')}; such as latency=0.6`,
    target,
    what,
  ),
  allocation: optional(
    'the same fraction of every group (uniform), or units compete over all groups (global); default: as is usual for the criterion',
    oneOf(['uniform', 'global']),
    what,
  ),
  multiple: withDefault(
    'counts that stay are multiples of it, but for heads: kernels of the runtime like widths of 8',
    integer({ from: 1, to: 1024 }),
    '8',
    what,
  ),
  least: withDefault('the share of each group that stays in any case', number({ from: 0, to: 1 }), '0.1', what),
  compensate: toggle('adds what units gave on average to biases; flap does so anyway', what),
  noCompensate: toggle('leaves biases as they are, with flap too', what),
  include: several('only groups with a weight that matches: globs or re:…', word, what),
  exclude: several('no groups with a weight that matches', word, what),

  reconstruct: optional(
    `fits what is left to what the dense model answers, so much at a time: ${regionWords}`,
    regionChoice,
    { group: 'Reconstruction:' },
  ),
  ...reconstructionOptions,

  calibration: several(
    'files, a folder of pictures, a descriptor (.yaml), or self: text of the model; kinds: see --kind',
    word,
    groups.data,
  ),
  ...makingOptions({ measured: 'measured before and after', made }),
};

export const shrink = command({
  positionals: { model: 'the ONNX model to take units out of' },
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

/** @throws UserError for options that contradict each other. */
function shrinkRequest(
  args: ValuesOf<typeof options> & { model: string },
  commandLine: readonly string[],
): ShrinkRequest {
  const { model, reconstruct, criterion: name, units, multiple, least } = args;
  const criterion: UnitCriterion = unitCriteria[name];
  const fits = reconstruct !== undefined || args.retrain;
  if (!fits) refuseReconstruction('shrink', args, '--reconstruct');
  const request = present({
    ...makingRequest('shrink', args, commandLine, { made, inputs: [['the model', model]] }),
    units: [...new Set(units)],
    criterion: name,
    amount: amountOf(args),
    allocation: args.allocation ?? (criterion.isGlobal ? 'global' : 'uniform'),
    multiple,
    least,
    compensate: compensates(args, criterion),
    reconstruction: fits ? reconstructionRequest('shrink', reconstruct, args) : undefined,
  }) as ShrinkRequest;
  check(request, criterion);
  return request;
}

function amountOf({ sparsity, target: wanted }: ValuesOf<typeof options>): AmountRequest {
  if (sparsity !== undefined && wanted)
    throw new UserError('shrink', 'expected --sparsity or --target, got both; leave one out');
  if (sparsity === undefined && !wanted)
    throw new UserError('shrink', 'expected --sparsity or --target, got neither; say how much is to go');
  return wanted ?? { kind: 'sparsity', sparsity: sparsity! };
}

function compensates({ compensate, noCompensate }: ValuesOf<typeof options>, criterion: UnitCriterion): boolean {
  if (compensate && noCompensate)
    throw new UserError('shrink', 'expected --compensate or --no-compensate, got both; leave one out');
  return compensate || (criterion.compensates && !noCompensate);
}

function check(request: ShrinkRequest, { name, needs }: UnitCriterion): void {
  const { calibration, evaluation, compensate, reconstruction, amount, jobs } = request;
  const missing = (who: string): UserError =>
    new UserError('shrink', `${who} expected calibration data, got none; name it with --calibration`);
  if (calibration === undefined) {
    if (needs.length > 0) throw missing(`--criterion ${name}`);
    if (compensate) throw missing('--compensate');
    if (reconstruction) throw missing('--reconstruct and --retrain');
    if (amount.kind === 'target' && amount.of === 'latency' && !evaluation) throw missing('--target latency');
  }
  if (reconstruction?.trained === 'lora')
    throw new UserError(
      'shrink',
      'expected changes that can be merged, got --trained lora, which stays beside layers; choose lora-prune or mask-lora',
    );
  if (jobs !== undefined) throw new UserError('shrink', 'expected one process, got --jobs; leave it out');
}
