/** `scalpel attack`: the smallest changes that make a classifier wrong. */
import { suites } from '../../attack/suites.js';
import { exitCodes, UserError } from '../../errors.js';
import type { AttackRequest } from '../../pipeline/attack/request.js';
import type { FolderOutput } from '../../pipeline/folder-output.js';
import type { AttackReport } from '../../report/attack-report.js';
import { askedAttacks, attackNames, part, target, wishOf } from '../attack-options.js';
import { attackText } from '../attack-text.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
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
  toggle,
  type ValuesOf,
  word,
} from '../values.js';

const data = { group: 'Data:' };
const choice = { group: 'Attack:' };
const model = { group: 'What is attacked:' };
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

  ...oracleOptions('What is attacked:', 'attacked'),
  levels: optional(
    'values an input can have, for success after rounding; default: 256 for pictures',
    integer({ from: 2 }),
    model,
  ),
  at: optional('value inside the model that is attacked instead, such as embeddings', word, model),

  ...dataOptions,
  ...folderOptions('report, examples (.npz) and pictures'),
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
    else context.say(attackText(report, (request.output as FolderOutput).folder));
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
    output: folderOutput('attack', args, path),
    commandLine,
  });
}
