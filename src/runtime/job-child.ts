/** The entry of a job process: imports the job's module, runs it, and leaves when it is done, never in the middle of a run. */
import { exitCodes, UserError } from '../errors.js';
import { type FromChild, type JobModule, recordOf, type ToChild } from './job-protocol.js';

const stopping = new AbortController();

const stop = (): void =>
  stopping.abort(
    new UserError('interrupted', 'the job was stopped before it was done', { exitCode: exitCodes.interrupted }),
  );

// a terminal sends Ctrl-C to the whole group: the parent decides what it means and says so
process.on('SIGINT', () => {});
process.on('SIGTERM', stop);
// without a parent nobody waits for the result
process.on('disconnect', stop);
process.on('uncaughtException', (error) => leave({ type: 'error', error: recordOf(error) }));
process.on('message', (message: ToChild) => {
  if (message.type === 'stop') stop();
  else void start(message.module, message.input);
});

async function start(module: string, input: unknown): Promise<void> {
  try {
    const job: JobModule = await import(module);
    const value = await job.run(input, { emit: (event) => send({ type: 'event', event }), signal: stopping.signal });
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
