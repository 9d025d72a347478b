/** A break in work that holds the event loop: messages are served, and a stop that was asked for is heard. */
import { setImmediate } from 'node:timers/promises';

/**
 * Between two steps that give way to nothing else. A look at the signal alone sees what the last break brought; runs of the runtime
 * are breaks themselves.
 * @throws the signal's reason once it is aborted.
 */
export async function heed(signal?: AbortSignal): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
