/** What a run costs: the time that passes, and the time that processors spend on it. */

export interface Cost {
  readonly milliseconds: number;
  /** Of all threads of this process together; waiting, and what other processes take, is none of it. */
  readonly processorMilliseconds: number;
}

export async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const before = process.cpuUsage();
  const begin = performance.now();
  await work();
  const milliseconds = performance.now() - begin;
  const { user, system } = process.cpuUsage(before);
  return { milliseconds, processorMilliseconds: (user + system) / 1000 };
}
