/** The plain request of `scalpel shrink`, made of its options: for units, or for whole blocks. */
import { type DepthKind, depthKinds } from '../depth/kinds.js';
import { UserError } from '../errors.js';
import type { Kind } from '../groups/kinds.js';
import type {
  AmountRequest,
  AnyShrinkRequest,
  BlocksRequest,
  ShrinkRequest,
  UnitsRequest,
} from '../pipeline/shrink/request.js';
import { type BlockCriterion, type BlockCriterionName, blockCriteria } from '../prune/blocks/index.js';
import { type UnitCriterion, type UnitCriterionName, unitCriteria } from '../prune/units/index.js';
import { choiceText } from '../regions/index.js';
import { spelled } from './command.js';
import { makingRequest } from './making-options.js';
import { present } from './present.js';
import { reconstructionRequest, refuseReconstruction } from './reconstruct-options.js';
import { made, type shrinkOptions, usualCriteria, usualLeast, usualMultiple } from './shrink-options.js';
import { listed, type ValuesOf } from './values.js';

type Values = ValuesOf<typeof shrinkOptions> & { readonly model: string };

/** @throws UserError for options that contradict each other. */
export function shrinkRequest(args: Values, commandLine: readonly string[]): ShrinkRequest {
  const depth = args.units.find(isDepth);
  const fits = args.reconstruct !== undefined || args.retrain;
  if (!fits) refuseReconstruction('shrink', args, depth ? '--retrain' : '--reconstruct');
  const common = present({
    ...makingRequest('shrink', args, commandLine, { made, inputs: [['the model', args.model]] }),
    amount: amountOf(args),
    reconstruction: fits ? reconstructionRequest('shrink', args.reconstruct, args) : undefined,
  }) as AnyShrinkRequest;
  return depth ? blocksRequest(args, common, depth) : unitsRequest(args, common);
}

const isDepth = (kind: Kind | DepthKind): kind is DepthKind => kind in depthKinds;

function unitsRequest(args: Values, common: AnyShrinkRequest): UnitsRequest {
  const name = criterionOf(args, unitCriteria, usualCriteria.units) as UnitCriterionName;
  const criterion: UnitCriterion = unitCriteria[name];
  const compensate = compensates(args, criterion);
  check(common, criterion, compensate);
  return {
    ...common,
    takes: 'units',
    units: [...new Set(args.units as readonly Kind[])],
    criterion: name,
    allocation: args.allocation ?? (criterion.isGlobal ? 'global' : 'uniform'),
    multiple: args.multiple ?? usualMultiple,
    least: args.least ?? usualLeast,
    compensate,
  };
}

/** What says how groups lose units. */
const ofGroups = ['allocation', 'multiple', 'least', 'compensate', 'noCompensate'] as const;

function blocksRequest(args: Values, common: AnyShrinkRequest, depth: DepthKind): BlocksRequest {
  if (new Set(args.units).size > 1)
    throw new UserError('shrink', `expected ${depth} alone, got --units ${args.units.join(',')}; shrink in two steps`);
  const idle = ofGroups.find((key) => args[key] !== undefined && args[key] !== false);
  if (idle)
    throw new UserError('shrink', `--${spelled(idle)} expected units in groups, got --units ${depth}; leave it out`);
  if (args.reconstruct !== undefined)
    throw new UserError(
      'shrink',
      `expected --retrain, got --reconstruct ${choiceText(args.reconstruct)}: zeros in weights do not take out ${depth}, which regions cannot be fitted without; train what is left as a whole`,
    );
  const name = criterionOf(args, blockCriteria, usualCriteria.blocks) as BlockCriterionName;
  const criterion: BlockCriterion = blockCriteria[name];
  check(common, criterion, false);
  return { ...common, takes: 'blocks', depth, criterion: name };
}

function criterionOf({ criterion, units }: Values, fitting: object, usual: string): string {
  if (criterion === undefined || criterion in fitting) return criterion ?? usual;
  throw new UserError(
    'shrink',
    `--criterion expected ${listed(Object.keys(fitting), 'or')} for --units ${units.join(',')}, got '${criterion}'; choose one of these`,
  );
}

function amountOf({ sparsity, target: wanted }: Values): AmountRequest {
  if (sparsity !== undefined && wanted)
    throw new UserError('shrink', 'expected --sparsity or --target, got both; leave one out');
  if (sparsity === undefined && !wanted)
    throw new UserError('shrink', 'expected --sparsity or --target, got neither; say how much is to go');
  return wanted ?? { kind: 'sparsity', sparsity: sparsity! };
}

function compensates({ compensate, noCompensate }: Values, criterion: UnitCriterion): boolean {
  if (compensate && noCompensate)
    throw new UserError('shrink', 'expected --compensate or --no-compensate, got both; leave one out');
  return compensate || (criterion.compensates && !noCompensate);
}

function check(
  { calibration, evaluation, reconstruction, amount, jobs }: AnyShrinkRequest,
  { name, needs }: Pick<UnitCriterion, 'name'> & { readonly needs: readonly unknown[] },
  compensate: boolean,
): void {
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
