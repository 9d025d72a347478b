/** The entry of a job process: imports the job's module, runs it, and leaves when it is done, never in the middle of a run. */
import { Worker } from 'node:worker_threads';
import { exitCodes, UserError } from '../errors.js';
import { startRecording } from './flight-recorder.js';
import { runJob } from './job.js';
import { type FromChild, type JobContext, type JobModule, recordOf, type ToChild } from './job-protocol.js';
import { keepCalls } from './kept-call.js';

const stopping = new AbortController();

const stop = (): void =>
  stopping.abort(
    new UserError('interrupted', 'the job was stopped before it was done', { exitCode: exitCodes.interrupted }),
  );

// a terminal sends Ctrl-C to the whole group: the parent decides what it means and says so
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('SIGTERM', stop);
// without a parent nobody waits for the result
process.on('disconnect', stop);
process.on('uncaughtException', (error) => leave({ type: 'error', error: recordOf(error) }));
process.on('message', (message: ToChild) => {
  if (message.type === 'stop') stop();
  else void start(message);
});

const context: JobContext = {
  emit: (event) => send({ type: 'event', event }),
  signal: stopping.signal,
  job: (module, input, event = context.emit) =>
    runJob(module, input, { event, signal: stopping.signal, heedsSignals: false }),
};

new Worker(new URL('./parent-watch.js', import.meta.url), { workerData: process.ppid }).unref();

async function start({ module, input, isRecorded, keepCallsIn }: ToChild & { type: 'start' }): Promise<void> {
  if (isRecorded) startRecording();
  if (keepCallsIn !== undefined) keepCalls(keepCallsIn);
  try {
    const job: JobModule = await import(module);
    const value = await job.run(input, context);
    leave({ type: 'result', value });
  } catch (error) {
    leave({ type: 'error', error: recordOf(error) });
  }
}

/** Says the last word; the process then ends by itself, as nothing keeps it alive. */
function leave(message: FromChild): void {
  send(message, () => process.connected && process.disconnect());
}

function send(message: FromChild, done?: () => void): void {
  if (process.connected) process.send?.(message, undefined, undefined, done);
}
