/** The run directory of a long command: opened, said to be resumable, and kept where there is something to keep. */
import { type ExitCode, exitCodes, UserError } from '../../errors.js';
import type { InputFiles } from '../../run/input-files.js';
import { type Manifest, RunDirectory } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';

export interface ModelRun {
  readonly output: { readonly run: string; readonly keepRun: boolean };
  readonly manifest: Manifest;
  readonly inputs: InputFiles;
  readonly context: JobContext;
}

/** Runs `work` in the run directory of the output: an interrupted one can go on; a finished or refused one has nothing to keep. */
export async function inRun<T>(
  { output, manifest, inputs, context }: ModelRun,
  work: (run: RunDirectory) => Promise<T>,
): Promise<T> {
  const run = await RunDirectory.open(output.run, manifest, {
    beforeWrite: () => inputs.assertUnchanged(),
    warn: (text) => context.emit({ type: 'log', level: 'warn', text }),
  });
  const say = (text: string): void => context.emit({ type: 'log', level: 'info', text });
  context.emit({ type: 'resumable', run: output.run });
  let isWorthKeeping = true;
  try {
    if (run.resumed) say(`resuming the run in ${output.run}`);
    const result = await work(run);
    isWorthKeeping = false;
    return result;
  } catch (error) {
    isWorthKeeping = run.hasCheckpoints && !hasCode(error, exitCodes.gate);
    if (!isWorthKeeping) throw error;
    if (hasCode(error, exitCodes.interrupted)) throw resumable(output.run);
    say(kept(output.run));
    throw error;
  } finally {
    run.close(isWorthKeeping || output.keepRun);
  }
}

const hasCode = (error: unknown, code: ExitCode): boolean => error instanceof UserError && error.exitCode === code;

const kept = (run: string): string => `what is finished is kept in ${run}; the same command again goes on from there`;

const resumable = (run: string): UserError =>
  new UserError('interrupted', kept(run), { exitCode: exitCodes.interrupted });
