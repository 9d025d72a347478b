/** What commands use to speak and to run jobs, on the streams that `main` was given. */
import type { Context, JobRunner } from './command.js';
import { ProgressView } from './progress.js';

/** Where output goes; `process` fits. */
export interface Streams {
  readonly stdout: Stream;
  readonly stderr: Stream;
}

export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ContextOptions {
  readonly commandLine: readonly string[];
  /** What errors call the command's job: `prune model.onnx`. */
  readonly name: string;
  readonly isQuiet: boolean;
  readonly runJob: JobRunner;
}

export const makeContext = (
  { stdout, stderr }: Streams,
  { commandLine, name, isQuiet, runJob }: ContextOptions,
): Context => ({
  commandLine,
  say: (text) => void stderr.write(`${text}\n`),
  print: (document) => void stdout.write(`${JSON.stringify(document, null, 2)}\n`),
  async job<T>(module: URL, request: unknown): Promise<T> {
    const view = new ProgressView({
      isTerminal: stderr.isTTY === true,
      isQuiet,
      columns: stderr.columns ?? 80,
      now: () => performance.now(),
      write: (text) => void stderr.write(text),
    });
    const tell = (): void => {
      view.end();
      stderr.write('interrupted: stopping after the current step; press Ctrl-C again to stop at once\n');
    };
    // the runner itself stops the job; here it is only said
    process.once('SIGINT', tell);
    try {
      return await runJob<T>(module, request, {
        name,
        event: (event) => view.show(event),
        // what a killed command leaves is made for being gone on with, or nothing
        isRepeatable: true,
      });
    } finally {
      view.end();
      process.off('SIGINT', tell);
    }
  },
});
