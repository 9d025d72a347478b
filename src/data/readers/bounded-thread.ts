/** Work that may never end or fill the memory, such as a library's on a hostile file, in a thread that is ended before it does. */
import { once } from 'node:events';
import { parentPort, type TransferListItem, Worker } from 'node:worker_threads';
import { UserError } from '../../errors.js';
import { errorOf, recordOf } from '../../runtime/job-protocol.js';

/** What the work on one file may take. */
export interface Budget {
  /** Starts the error. */
  readonly where: string;
  /** What to do about it. */
  readonly repair: string;
  /** Of work, for all questions together. */
  readonly milliseconds: number;
  /** How far the process may grow while it waits for one answer: buffers lie outside of every heap. */
  readonly bytes: number;
  /** Milliseconds of work so far. */
  spent: number;
}

export interface BoundedThread {
  /** One question at a time. @throws UserError where the budget does not last; whatever the answering side throws. */
  ask(question: unknown, budget: Budget): Promise<unknown>;
  end(): Promise<void>;
}

/** @param module calls `answerWith`; no runtime and nothing else that minds a sudden end may run in it. */
export function startThread(module: URL, heapMegabytes: number): BoundedThread {
  const worker = new Worker(module, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } });
  // only a question that waits keeps the process alive
  worker.unref();
  // a thread may still break down between the error that is told and its end
  worker.on('error', () => {});
  return {
    ask: (question, budget) => ask(worker, question, budget),
    end: async () => {
      await worker.terminate();
    },
  };
}

const lookMilliseconds = 50;
/** What counts of a time without work: others may have the processor, but what waits for ever is to end too. */
const idleShare = 1 / 10;

async function ask(worker: Worker, question: unknown, budget: Budget): Promise<unknown> {
  const over = new AbortController();
  const watch = watchOver(budget);
  let timer: NodeJS.Timeout | undefined;
  const excess = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const found = watch(lookMilliseconds * idleShare);
      if (found) reject(found);
    }, lookMilliseconds);
  });
  try {
    const answer = once(worker, 'message', { signal: over.signal });
    worker.postMessage(question);
    const [told] = (await Promise.race([answer, excess])) as [Answer];
    if ('error' in told) throw errorOf(told.error);
    // a file may hold any number of parts that take less than the time between two looks
    const found = watch(0);
    if (found) throw found;
    return told.value;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge(budget) : error;
  } finally {
    clearInterval(timer);
    over.abort();
  }
}

/** Each call counts what was worked since the last one, at least so many milliseconds, and gives the error once it is too much. */
function watchOver(budget: Budget): (least: number) => UserError | undefined {
  const rss = process.memoryUsage.rss();
  let before = process.cpuUsage();
  return (least) => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    // others of this process may work beside the thread
    budget.spent += Math.min(Math.max((user + system) / 1000, least), lookMilliseconds);
    if (budget.spent > budget.milliseconds) return tooLong(budget);
    return process.memoryUsage.rss() - rss > budget.bytes ? tooLarge(budget) : undefined;
  };
}

const tooLong = ({ where, repair, milliseconds }: Budget): UserError =>
  new UserError(
    where,
    `expected a file that is read within ${Math.ceil(milliseconds / 1000)} s, got one that takes longer; ${repair}`,
  );

const tooLarge = ({ where, repair }: Budget): UserError =>
  new UserError(where, `expected a part that fits into memory, got one that needs too much; ${repair}`);

type Answer = { readonly value: unknown } | { readonly error: ReturnType<typeof recordOf> };

/** The thread's side. Buffers in `moved` change hands instead of being copied. */
export function answerWith<Q>(answer: (question: Q) => Promise<{ value: unknown; moved?: TransferListItem[] }>): void {
  parentPort?.on('message', async (question: Q) => {
    try {
      const { value, moved = [] } = await answer(question);
      parentPort?.postMessage({ value } satisfies Answer, moved);
    } catch (error) {
      parentPort?.postMessage({ error: recordOf(error) } satisfies Answer);
    }
  });
}
