/** A stop that is asked for as one from outside is: it arrives when the event loop gets a turn, and not before. */
export function stopSoon(): AbortSignal {
  const controller = new AbortController();
  setImmediate(() => controller.abort(new Error('stopped')));
  return controller.signal;
}
