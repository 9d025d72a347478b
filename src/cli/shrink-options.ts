/** Options of `scalpel shrink`: what goes, what decides and how much. */
import { type DepthKind, depthKinds } from '../depth/kinds.js';
import { type Kind, kinds } from '../groups/kinds.js';
import { type AmountRequest, type TargetOf, targetsOf, usualUnits } from '../pipeline/shrink/request.js';
import { type BlockCriterionName, blockCriteria } from '../prune/blocks/index.js';
import { type UnitCriterionName, unitCriteria } from '../prune/units/index.js';
import { groups, makingOptions } from './making-options.js';
import { reconstructionOptions } from './reconstruct-options.js';
import { regionChoice, regionWords } from './region-choice.js';
import { integer, number, oneOf, optional, type Reader, several, toggle, withDefault, word } from './values.js';

export const made = 'the shrunk model';
const what = { group: 'What goes:' };
const kindNames = [...(Object.keys(kinds) as Kind[]), ...(Object.keys(depthKinds) as DepthKind[])];
const unitCriterionNames = Object.keys(unitCriteria) as UnitCriterionName[];
const blockCriterionNames = Object.keys(blockCriteria) as BlockCriterionName[];
const criterionNames = [...new Set([...unitCriterionNames, ...blockCriterionNames])];

/** `latency=0.6`. */
const target: Reader<AmountRequest> = (text, refuse) => {
  const [of, share, ...rest] = text.split('=');
  const fraction = Number(share);
  const isKnown = (targetsOf as readonly string[]).includes(of!);
  if (!isKnown || share?.trim() === '' || rest.length > 0 || !(fraction > 0 && fraction < 1))
    return refuse(`expected ${targetsOf.join(', ')} and a fraction below 1, such as latency=0.6, got '${text}'`);
  return { kind: 'target', of: of as TargetOf, fraction };
};

const kindList: Reader<readonly (Kind | DepthKind)[]> = (text, refuse) =>
  text.split(',').map((each) => oneOf(kindNames)(each.trim(), refuse));

/** What decides unless the user says otherwise; without data, magnitude is all there is for units, and blocks need more. */
export const usualCriteria = { units: 'magnitude', blocks: 'block-influence' } as const;

/** Widths that kernels of the runtime like. */
export const usualMultiple = 8;

/** The share of each group that stays. */
export const usualLeast = 0.1;

export const shrinkOptions = {
  units: withDefault(`what may go, several with commas: ${kindNames.join(', ')}`, kindList, usualUnits.join(','), what),
  criterion: optional(
    `what decides: ${unitCriterionNames.join(', ')}; of blocks and branches: ${blockCriterionNames.join(', ')}; default: ${usualCriteria.units}, of blocks ${usualCriteria.blocks}`,
    oneOf(criterionNames),
    { ...what, alias: 'method' },
  ),
  sparsity: optional('the fraction of units or blocks that goes', number({ from: 0, below: 1 }), what),
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
  multiple: optional(
    `counts that stay are multiples of it, but for heads: kernels of the runtime like widths of 8; default: ${usualMultiple}`,
    integer({ from: 1, to: 1024 }),
    what,
  ),
  least: optional(
    `the share of each group that stays in any case; default: ${usualLeast}`,
    number({ from: 0, to: 1 }),
    what,
  ),
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
