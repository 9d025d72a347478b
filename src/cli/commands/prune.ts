/** `scalpel prune`: a model and calibration data in, a pruned model and its report out. */
import { exitCodes, UserError } from '../../errors.js';
import { type AllocationName, allocations } from '../../masks/allocation.js';
import { parsePattern } from '../../masks/parse-pattern.js';
import type { AllocationRequest, OutputRequest, PruneRequest } from '../../pipeline/prune/request.js';
import { type Pruner, type PrunerName, type PrunerOptions, pruners } from '../../prune/index.js';
import type { PruneReport } from '../../report/prune-report.js';
import { command, spelled } from '../command.js';
import { dryRun } from '../dry-run.js';
import { groups, makingOptions, makingRequest } from '../making-options.js';
import { present } from '../present.js';
import { pruneText } from '../prune-text.js';
import { reconstructionOptions, reconstructionRequest, refuseReconstruction } from '../reconstruct-options.js';
import { regionChoice, regionWords } from '../region-choice.js';
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

const choice = { group: 'What is removed:' };
const layers = { group: 'From which layers:' };
const method = { group: 'Method:' };
const made = 'the pruned model';

const methods = Object.keys(pruners) as PrunerName[];
const allocationNames = Object.keys(allocations) as AllocationName[];
const fraction = number({ from: 0, below: 1 });

const options = {
  method: required(`criterion: ${methods.join(', ')}`, oneOf(methods), choice),
  pattern: required('fraction removed (0.5), n kept of every m (2:4), or tiles (16x4:0.5)', word, choice),
  group: optional(
    "weights that compete: row, matrix or global; default: the method's own",
    oneOf(['row', 'matrix', 'global']),
    choice,
  ),
  selection: withDefault(
    'exact count, or reference: as many as published code removes',
    oneOf(['exact', 'reference']),
    'exact',
    choice,
  ),
  allocation: withDefault(
    `sparsity over layers: ${allocationNames.join(', ')}`,
    oneOf(allocationNames),
    'uniform',
    choice,
  ),
  permute: toggle('n:m: first puts channels in an order of which the pattern keeps more', choice),
  owlThreshold: optional('owl: an outlier exceeds this many times the mean score', number({ from: 0 }), choice),
  owlLambda: optional("owl: the most a layer's sparsity differs", fraction, choice),
  layerSparsity: repeated(
    'GLOB=FRACTION for the layers that match, repeatable',
    pair('GLOB', 'FRACTION', fraction),
    choice,
  ),

  include: several('only layers that match: globs or re:… over node, weight and op names', word, layers),
  exclude: several('no layers that match', word, layers),

  statisticsFrom: withDefault(
    'earlier blocks while observing: sparse or dense',
    oneOf(['sparse', 'dense']),
    'sparse',
    method,
  ),
  regions: withDefault(`worked on at a time: ${regionWords}`, regionChoice, 'block', method),
  damping: optional('sparsegpt: added to the Gram matrix, relative to its mean diagonal', number({ from: 0 }), method),
  blockSize: optional('sparsegpt: columns decided at once', integer({ from: 1 }), method),
  riaAlpha: optional('ria: power of the activation norm', number({ from: 0, to: 1 }), method),

  reconstruct: optional(
    `fits what is left, so much at a time: ${regionWords}; half is best and cheapest for transformers`,
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

export const prune = command({
  positionals: { model: 'the ONNX model to prune' },
  options,
  examples: [
    ['prune gpt.onnx --method wanda --pattern 0.5 --calibration text.txt -o out.onnx', 'half of each row'],
    [
      'prune gpt.onnx --method wanda --pattern 0.7 --reconstruct half --calibration text.txt -o out.onnx',
      'then fits what is left, attention and MLP apart',
    ],
    ['prune gpt.onnx --method sparsegpt --pattern 2:4 --calibration text.txt -o out.onnx', '2 kept of every 4'],
    ["prune net.onnx --method magnitude --pattern 0.7 --exclude 'fc*' -o out.onnx", 'without data'],
  ],
  async run(args, context) {
    const request = pruneRequest(args, context.commandLine);
    check(request);
    if (args.dryRun) return dryRun('prune', request, args, context);
    const report = await context.job<PruneReport>(new URL('../../pipeline/prune/job.js', import.meta.url), request);
    if (args.json) context.print(report);
    else context.say(pruneText(report, request.output as OutputRequest));
    return exitCodes.done;
  },
});

/** From the values of the command line to the plain request. */
function pruneRequest(
  args: ValuesOf<typeof options> & { model: string },
  commandLine: readonly string[],
): PruneRequest {
  const { model, group, selection, statisticsFrom, regions, reconstruct } = args;
  const fits = reconstruct !== undefined || args.retrain;
  if (!fits) refuseReconstruction('prune', args, '--reconstruct');
  return present({
    ...makingRequest('prune', args, commandLine, { made, inputs: [['the model', model]] }),
    method: args.method,
    methodOptions: present({ damping: args.damping, blockSize: args.blockSize, riaAlpha: args.riaAlpha }),
    pattern: parsePattern(args.pattern),
    group,
    allocation: allocationRequest(args),
    selection,
    permute: args.permute || undefined,
    statisticsFrom,
    regions,
    reconstruction: fits ? reconstructionRequest('prune', reconstruct, args) : undefined,
  });
}

function allocationRequest({
  allocation,
  owlThreshold,
  owlLambda,
  layerSparsity,
}: ValuesOf<typeof options>): AllocationRequest {
  const overrides = layerSparsity.map(([layer, sparsity]) => ({ layer, sparsity }));
  return present({ kind: allocation, owlThreshold, owlLambda, overrides });
}

/** The criterion that reads an option of its own. */
const methodOf = { damping: 'sparsegpt', blockSize: 'sparsegpt', riaAlpha: 'ria' } as const satisfies Record<
  keyof PrunerOptions,
  PrunerName
>;

/** What can be told without reading a model: options that need each other. */
function check(request: PruneRequest): void {
  const { method, methodOptions, calibration, allocation, reconstruction } = request;
  const { needs } = pruners[method] as Pruner;
  if (needs.length > 0 && !calibration) {
    throw new UserError(
      'prune',
      `--method ${method} expected calibration data, got none; name it with --calibration, or take magnitude`,
    );
  }
  if (reconstruction && !calibration) {
    throw new UserError(
      'prune',
      '--reconstruct and --retrain expected calibration data, got none; name it with --calibration',
    );
  }
  for (const key of Object.keys(methodOptions) as (keyof PrunerOptions)[]) {
    if (methodOf[key] === method) continue;
    throw new UserError('prune', `--${spelled(key)} expected --method ${methodOf[key]}, got ${method}; leave it out`);
  }
  if (allocation.kind === 'owl' && !calibration) {
    throw new UserError('prune', '--allocation owl expected calibration data, got none; name it with --calibration');
  }
  if (allocation.kind !== 'owl' && (allocation.owlThreshold ?? allocation.owlLambda) !== undefined) {
    throw new UserError(
      'prune',
      `--owl-threshold and --owl-lambda expected --allocation owl, got ${allocation.kind}; add it`,
    );
  }
}
