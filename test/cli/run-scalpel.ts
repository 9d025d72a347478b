/** Runs a command line inside the test's process, jobs included, and keeps what it said. */

import type { JobRunner } from '../../src/cli/command.js';
import { main } from '../../src/cli/main.js';
import { jobHere } from '../helpers/job-here.js';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runScalpel(argv: readonly string[], runJob: JobRunner = runHere): Promise<Outcome> {
  const [stdout, stderr] = [[] as string[], [] as string[]];
  const streams = {
    stdout: { write: (text: string) => stdout.push(text) },
    stderr: { write: (text: string) => stderr.push(text) },
  };
  const exitCode = await main(argv, { streams, runJob });
  return { exitCode, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** The job's source module, without a child process. */
const runHere: JobRunner = (module, request, { event }) => jobHere(event).job(module, request);
