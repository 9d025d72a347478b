/** How much wall time this process has spent inside the runtime: the rest is ours, and should be small. */

/** Opening a session reads and packs weights once; running is paid for every batch. */
export type Activity = 'opening' | 'running';

const milliseconds = { opening: 0, running: 0 };

/** Books the time until `work` settles. */
export async function inRuntime<T>(activity: Activity, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  try {
    return await work();
  } finally {
    milliseconds[activity] += performance.now() - begin;
  }
}

/** Since the process started: creating sessions and running them, or one of both. Runs block, so they do not overlap. */
export const secondsInRuntime = (activity?: Activity): number =>
  (activity ? milliseconds[activity] : milliseconds.opening + milliseconds.running) / 1000;
