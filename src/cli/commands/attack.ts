/** `scalpel attack`: the smallest changes that make a classifier wrong. */
import { resolve } from 'node:path';
import { suites } from '../../attack/suites.js';
import { exitCodes, UserError } from '../../errors.js';
import type { AttackOutput, AttackRequest } from '../../pipeline/attack/request.js';
import type { AttackReport } from '../../report/attack-report.js';
import { askedAttacks, attackNames, part, range, space, target, wishOf } from '../attack-options.js';
import { attackText } from '../attack-text.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
import { dataOptions, dataRequest, dryRunOption, engineOptions, engineRequest, reportingOptions } from '../options.js';
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
  toggle,
  type ValuesOf,
  word,
} from '../values.js';

const data = { group: 'Data:' };
const choice = { group: 'Attack:' };
const model = { group: 'What is attacked:' };
const output = { group: 'Output:' };
const runtime = { group: 'Runtime:' };

const options = {
  data: someOf('labelled samples: files, a folder of pictures, or a descriptor (.yaml)', word, data),
  examples: optional('at most so many that the model gets right; default: all', integer({ from: 1 }), data),

  attack: several(`attacks, with commas between: ${attackNames.join(', ')}`, word, choice),
  suite: optional(`all attacks that keep this small: ${suites.join(', ')}`, oneOf(suites), choice),
  set: repeated(
    'OPTION=VALUE or ATTACK.OPTION=VALUE, repeatable; options: docs/attacks.md',
    pair('OPTION', 'VALUE', word),
    choice,
  ),
  targeted: several('labels to reach: 3, +1 (the next one), least-likely, all; default: any other', target, choice),
  bisect: toggle('searches the least budget, for attacks that stay within one', choice),
  queries: optional('most forward passes an example', integer({ from: 1 }), choice),
  seconds: optional('most seconds an example', number({ from: 0 }), choice),

  bounds: several('LOW,HIGH of the input, one pair or one a channel; default: of pixels, or of the data', range, model),
  levels: optional(
    'values an input can have, for success after rounding; default: 256 for pictures',
    integer({ from: 2 }),
    model,
  ),
  mask: optional('.npy file: 0 where nothing may change', word, model),
  input: optional('attacked input; default: the only one of floats', word, model),
  at: optional('value inside the model that is attacked instead, such as embeddings', word, model),
  scores: optional('value that holds the scores; default: the output of logits or probabilities', word, model),
  space: optional(
    'image, series, features, tokens, or CHANNELSxHEIGHTxWIDTH; default: by the rank of the input',
    space,
    model,
  ),
  gradient: optional('model of gradients to use, made by scalpel grad --of SCORES --wrt INPUT', word, model),

  ...dataOptions,
  output: optional('folder of report, examples (.npz) and pictures', word, { ...output, alias: 'o' }),
  run: optional('working folder, kept when named; default: OUTPUT.run', word, output),
  force: toggle('overwrite what exists', output),
  chunk: optional('PART/PARTS such as 1/4: a part of the examples, for scalpel merge', part, runtime),
  ...dryRunOption,
  ...reportingOptions,
  ...engineOptions,
};

export const attack = command({
  positionals: { model: 'the ONNX classifier to attack' },
  options,
  examples: [
    ['attack net.onnx --data test.npz --attack gse -o out', 'few pixels, in groups'],
    [
      'attack net.onnx --data photos --preset imagenet --attack gse,sigma-zero --targeted +1 -o out',
      'to the next label, compared',
    ],
    ['attack net.onnx --data people.csv --label-column income --suite sparse -o out', 'all sparse attacks on a table'],
    ['attack net.onnx --data test.npz --attack pgd-linf --set eps=8/255 -o out', 'within 8 grey levels'],
  ],
  async run(args, context) {
    const request = attackRequest(args, context.commandLine);
    if (args.dryRun) return dryRun('attack', request, args, context);
    const report = await context.job<AttackReport>(new URL('../../pipeline/attack/job.js', import.meta.url), request);
    if (args.json) context.print(report);
    else context.say(attackText(report, (request.output as AttackOutput).folder));
    return report.found > 0 ? exitCodes.done : exitCodes.notFound;
  },
});

function attackRequest(
  args: ValuesOf<typeof options> & { readonly model: string },
  commandLine: readonly string[],
): AttackRequest {
  const { model: path, examples, targeted, bisect, queries, seconds, bounds, levels, mask } = args;
  const { input, at, scores, space: wanted, gradient, chunk, seed } = args;
  if (input !== undefined && at !== undefined)
    throw new UserError('attack', '--at expected no --input, which it stands for; leave one out');
  return present({
    model: path,
    data: dataRequest(args.data, args),
    attacks: askedAttacks(args.attack, args.suite, args.set),
    wish: wishOf(targeted),
    ...{ examples, levels, mask, input, at, scores, space: wanted, gradient, bisect, chunk },
    bounds: bounds.length > 0 ? bounds : undefined,
    limits: present({ queries, seconds }),
    seed: seed ?? 0,
    engine: engineRequest(args),
    output: outputOf(args, path),
    commandLine,
  });
}

function outputOf(
  { output: folder, run, force, dryRun: isDry }: ValuesOf<typeof options>,
  path: string,
): AttackOutput | undefined {
  if (folder === undefined) {
    if (isDry) return undefined;
    throw new UserError('attack', 'expected --output, got nothing; name a folder, or add --dry-run');
  }
  if (resolve(folder) === resolve(path))
    throw new UserError('attack', `--output expected a folder other than the model, got '${folder}'; name another`);
  return { folder, run: run ?? `${folder}.run`, keepRun: run !== undefined, force };
}
