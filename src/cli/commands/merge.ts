/** `scalpel merge`: the parts of an attack run become one. */
import { exitCodes, UserError } from '../../errors.js';
import type { MergeRequest } from '../../pipeline/attack/merge-request.js';
import type { AttackReport } from '../../report/attack-report.js';
import { attackText } from '../attack-text.js';
import { command } from '../command.js';
import { engineOptions, engineRequest, reportingOptions } from '../options.js';
import { required, several, toggle, word } from '../values.js';

const output = { group: 'Output:' };

export const merge = command({
  positionals: { part: 'output folder of a part' },
  options: {
    with: several('output folders of the other parts', word, { group: 'Parts:' }),
    output: required('folder of report, examples (.npz) and pictures', word, { ...output, alias: 'o' }),
    force: toggle('overwrite what exists', output),
    ...reportingOptions,
    ...engineOptions,
  },
  examples: [['merge out-1 --with out-2 out-3 -o out', 'of attack --chunk 1/3, 2/3 and 3/3']],
  async run(args, context) {
    const { part, with: others, output: folder, force } = args;
    const parts = [part, ...others];
    if (parts.includes(folder))
      throw new UserError('merge', `--output expected another folder than the parts, got '${folder}'; name another`);
    const request: MergeRequest = {
      parts,
      output: { folder, run: `${folder}.run`, keepRun: false, force },
      engine: engineRequest(args),
      commandLine: context.commandLine,
    };
    const report = await context.job<AttackReport>(
      new URL('../../pipeline/attack/merge-job.js', import.meta.url),
      request,
    );
    if (args.json) context.print(report);
    else context.say(attackText(report, folder));
    return report.found > 0 ? exitCodes.done : exitCodes.notFound;
  },
});
