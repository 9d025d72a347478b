/** `scalpel bench`: how long models take beside each other on the same inputs, and what they need. */
import { exitCodes } from '../../errors.js';
import type { BenchRequest } from '../../pipeline/bench/request.js';
import type { BenchReport } from '../../report/bench-report.js';
import { benchText } from '../bench-text.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
import {
  dataOptions,
  dataRequest,
  dryRunOption,
  engineOptions,
  engineRequest,
  memoryOptions,
  reportingOptions,
} from '../options.js';
import { present } from '../present.js';
import { integer, number, optional, several, toggle, withDefault, word } from '../values.js';

const rounds = { group: 'Rounds:' };
const output = { group: 'Output:' };

export const bench = command({
  positionals: {},
  rest: { models: 'ONNX models that take the same inputs; the first is what the others are compared with' },
  options: {
    runs: withDefault('rounds at most; in each, every model is timed once', integer({ from: 1 }), '100', rounds),
    seconds: withDefault('that each model may take for its rounds', number({ from: 0 }), '10', rounds),
    warmUp: withDefault('untimed rounds before', integer({ from: 0 }), '3', rounds),
    loads: withDefault(
      'fresh processes that load each model, for load time and memory',
      integer({ from: 0 }),
      '5',
      rounds,
    ),
    isolate: toggle('each round starts a fresh process for each model', rounds),
    data: several('inputs for all models; default: random ones', word, { group: 'Data:' }),
    ...dataOptions,
    output: optional('folder of report.json and report.html', word, { ...output, alias: 'o' }),
    force: toggle('overwrite what exists', output),
    ...dryRunOption,
    ...reportingOptions,
    ...engineOptions,
    batch: optional('samples per run; default: 1, or what a model fixes', integer({ from: 1 }), { group: 'Runtime:' }),
    memory: memoryOptions.memory,
  },
  examples: [
    ['bench dense.onnx pruned.onnx', 'on random inputs'],
    ['bench a.onnx b.onnx c.onnx --data photos --preset imagenet --batch 8 --threads 1', 'on data, eight at a time'],
    ['bench a.onnx b.onnx --isolate -o out', 'each in processes of its own, with a page of the figures'],
  ],
  async run(args, context) {
    const { models, runs, seconds, warmUp, loads, isolate, data, seqLen, seed = 0, output: folder, force } = args;
    const request: BenchRequest = present({
      ...{ models, runs, seconds, warmUp, loads, isolate, seed },
      data: data.length > 0 ? dataRequest(data, args) : undefined,
      seqLen: data.length > 0 ? undefined : seqLen,
      engine: engineRequest(args),
      output: folder === undefined ? undefined : { folder, force },
      commandLine: context.commandLine,
    });
    if (args.dryRun) return dryRun('bench', request, args, context);
    const report = await context.job<BenchReport>(new URL('../../pipeline/bench/job.js', import.meta.url), request);
    if (args.json) context.print(report);
    else context.say(benchText(report, folder));
    return exitCodes.done;
  },
});
