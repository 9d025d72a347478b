/** How much wall time this process has spent inside the runtime: the rest is ours, and should be small. */
let milliseconds = 0;

/** Books the time until `work` settles. */
export async function inRuntime<T>(work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  try {
    return await work();
  } finally {
    milliseconds += performance.now() - begin;
  }
}

/** Since the process started: creating sessions and running them. Runs block, so they do not overlap. */
export const secondsInRuntime = (): number => milliseconds / 1000;
