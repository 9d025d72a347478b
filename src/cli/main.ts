/** The command line: finds the command, loads it alone, and turns what it throws into a message and an exit code. */
import { join, sep } from 'node:path';
import { type ExitCode, exitCodes, UserError } from '../errors.js';
import { writeError } from '../files/system-error.js';
import { visible } from '../report/visible.js';
import { type Command, type JobRunner, placesOf } from './command.js';
import { makeContext, type Streams } from './context.js';
import { parse } from './parser.js';
import { unknownCommand } from './usage.js';

interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}

/** Each command is loaded only when it is the one asked for. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  prune: {
    summary: 'Remove weights by a criterion and a pattern',
    load: async () => (await import('./commands/prune.js')).prune,
  },
  reconstruct: {
    summary: 'Fit the weights that pruning left to what the dense model answers',
    load: async () => (await import('./commands/reconstruct.js')).reconstruct,
  },
  shrink: {
    summary: 'Take whole channels, neurons, heads, states or blocks out of a model',
    load: async () => (await import('./commands/shrink.js')).shrink,
  },
  attack: {
    summary: 'Find the smallest changes of inputs that make a classifier wrong',
    load: async () => (await import('./commands/attack.js')).attack,
  },
  explain: {
    summary: 'Find the smallest believable changes that make a model say something else',
    load: async () => (await import('./commands/explain.js')).explain,
  },
  train: {
    summary: 'Train a classifier of time series from few labels',
    load: async () => (await import('./commands/train.js')).train,
  },
  convert: {
    summary: 'Write a model in another form: smaller, faster, or for another reader',
    load: async () => (await import('./commands/convert.js')).convert,
  },
  merge: {
    summary: 'Join the parts of an attack run',
    load: async () => (await import('./commands/merge.js')).merge,
  },
  eval: {
    summary: 'Measure perplexity or accuracy on data',
    load: async () => (await import('./commands/eval.js')).evaluate,
  },
  inspect: {
    summary: 'Show what a model is made of and what can be pruned',
    load: async () => (await import('./commands/inspect.js')).inspect,
  },
  compare: {
    summary: 'Compare two models: structure, weights, outputs on data',
    load: async () => (await import('./commands/compare.js')).compare,
  },
  bench: {
    summary: 'Time models beside each other: latency, loading, memory, size',
    load: async () => (await import('./commands/bench.js')).bench,
  },
  grad: {
    summary: 'Write a model of the gradients of a model',
    load: async () => (await import('./commands/grad.js')).grad,
  },
  gradcheck: {
    summary: 'Compare the gradients of a model with finite differences',
    load: async () => (await import('./commands/gradcheck.js')).gradcheck,
  },
};

export interface MainOptions {
  /** Default: those of the process. */
  readonly streams?: Streams;
  /** Default: in a child process. */
  readonly runJob?: JobRunner;
}

/** Runs one command line (without the program's name) and gives its exit code; never throws. */
export async function main(argv: readonly string[], options: MainOptions = {}): Promise<ExitCode> {
  const streams = options.streams ?? process;
  if (!options.streams) forgiveClosedPipes();
  try {
    return await runCommandLine(argv.length > 0 ? argv : ['--help'], streams, options.runJob ?? runInChild);
  } catch (error) {
    streams.stderr.write(`${messageOf(error, argv)}\n`);
    return error instanceof UserError ? error.exitCode : exitCodes.failure;
  }
}

async function runCommandLine(argv: readonly string[], streams: Streams, runJob: JobRunner): Promise<ExitCode> {
  const name = argv[0] as string;
  const summaries = Object.fromEntries(Object.entries(commands).map(([each, { summary }]) => [each, summary]));
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry && !name.startsWith('-')) throw unknownCommand(name, Object.keys(commands));
  const command = await entry?.load();
  const result = await parse(argv, { summaries, name, command });
  if ('help' in result) {
    streams.stdout.write(`${result.help}\n`);
    return exitCodes.done;
  }
  if (!command) throw unknownCommand(name, Object.keys(commands));
  const isQuiet = result.values.quiet === true;
  const models = placesOf(command).flatMap((each) => result.values[each] ?? []);
  const context = makeContext(streams, {
    commandLine: ['scalpel', ...argv],
    name: [name, ...models].join(' '),
    isQuiet,
    runJob,
  });
  return command.run(result.values as Parameters<Command['run']>[0], context);
}

/** The runner is loaded when a job starts, so that `--help` never waits for it. */
const runInChild: JobRunner = async (module, request, on) =>
  (await import('../runtime/job.js')).runJob(module, request, on);

const messageOf = (error: unknown, argv: readonly string[] = []): string => {
  // it may quote names from a file, and those must not steer the terminal
  if (error instanceof UserError) return visible(asTyped(error.message, argv));
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

/** Files below the current folder as they were most likely named: data files are looked up, and known, by absolute paths. */
function asTyped(message: string, argv: readonly string[]): string {
  const here = join(process.cwd(), sep);
  return argv.some((word) => word.includes(here)) ? message : message.replaceAll(here, '');
}

/** A reader that goes away (`scalpel … | head`, a closed terminal) is no failure: what it would not read is dropped. */
function forgiveClosedPipes(): void {
  for (const [name, stream] of [
    ['standard output', process.stdout],
    ['standard error', process.stderr],
  ] as const) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'EIO') return;
      if (stream === process.stdout) process.stderr.write(`${messageOf(writeError(name, error))}\n`);
      process.on('exit', () => {
        process.exitCode = exitCodes.usage;
      });
    });
  }
}
