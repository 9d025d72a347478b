/** A job context whose jobs run in this process, from their sources. */
import type { JobContext, JobEvent, JobModule } from '../../src/runtime/job-protocol.js';

export function jobHere(
  emit: (event: JobEvent) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): JobContext {
  const context: JobContext = {
    emit,
    signal,
    async job<T>(module: URL, input: unknown, event = emit) {
      const { run }: JobModule = await import(module.href.replace(/\.js$/, '.ts'));
      return (await run(input, { ...context, emit: event })) as T;
    },
  };
  return context;
}
