import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JobEvent, JobHooks } from '../../src/runtime/job.js';
import { dist } from '../helpers/dist.js';

type RunJob = <T>(module: URL, input: unknown, on?: JobHooks) => Promise<T>;

const jobs = new URL('./fixtures/jobs.mjs', import.meta.url);
const driver = fileURLToPath(new URL('./fixtures/driver.mjs', import.meta.url));

let runJob: RunJob;
beforeAll(async () => {
  // the child's entry must be JavaScript: jobs are tested as built
  ({ runJob } = await import(dist('runtime/job.js').href));
});

const job = (kind: string, on?: JobHooks): Promise<unknown> => runJob(jobs, { kind }, on);
const failure = (kind: string, on?: JobHooks) =>
  job(kind, on).then(
    () => Promise.reject(new Error('the job should fail')),
    (error) => error as Error & { exitCode?: number },
  );

describe('runJob', () => {
  test('passes input, events in order, and the result', async () => {
    const events: JobEvent[] = [];
    const result = await runJob(jobs, { kind: 'echo', big: 2n ** 60n }, { event: (event) => events.push(event) });
    expect(result).toEqual({ kind: 'echo', big: 2n ** 60n, environment: '33554432', typed: Float64Array.of(0.1) });
    expect(events.map(({ type }) => type)).toEqual(['log', 'progress']);
  });

  test('a UserError crosses with its exit code', async () => {
    const error = await failure('refuses');
    expect(error).toMatchObject({ name: 'UserError', message: "model 'x.onnx': expected a: b, got c", exitCode: 3 });
  });

  test.each([
    ['fails', 'a bug', 'jobs.mjs'],
    ['failsLater', 'out of turn', 'jobs.mjs'],
  ])('other errors cross with their stack: %s', async (kind, message, place) => {
    const error = await failure(kind);
    expect(error).toMatchObject({ message });
    expect(error.stack).toContain(place);
    expect(error).not.toHaveProperty('exitCode');
  });

  test('a module that is missing, a job of no such kind, a result that cannot be cloned', async () => {
    await expect(runJob(new URL('./none.mjs', jobs), {})).rejects.toThrow('none.mjs');
    expect((await failure('noSuchKind')).message).toContain('is not a function');
    expect((await failure('returnsFunction')).message).toContain('could not be cloned');
    await expect(runJob(jobs, { kind: 'echo', wrong: () => {} })).rejects.toThrow('could not be cloned');
  });

  test('a process that dies is named with its last stage', async () => {
    const error = await failure('dies', { name: 'prune model.onnx' });
    expect(error).toMatchObject({
      name: 'UserError',
      message: "prune model.onnx: its process was ended by SIGABRT in stage 'layer 4' (4 of 9)",
      exitCode: 1,
    });
  });

  test("a Ctrl-C that reached the job alone is the user's", async () => {
    const error = await failure('isInterruptedEarly', { name: 'eval model.onnx' });
    expect(error).toMatchObject({ message: 'interrupted: the job was ended by SIGINT', exitCode: 130 });
  });

  test('a crash inside the runtime names the graph, its ops, and where the run goes on', async () => {
    // nothing that it gave to the runtime could be kept
    const error = await failure('crashesInRuntime', { name: 'prune model.onnx', isRepeatable: true });
    expect(error).toMatchObject({
      name: 'UserError',
      message:
        "prune model.onnx: its process was ended by SIGABRT in stage 'evaluate' (1 of 9), while ONNX Runtime ran graph 'main' of 1 nodes (MatMul); the runtime breaks down on this graph: SCALPEL_DEBUG=1 keeps the graph in a file, to report it; what is finished is kept in out.onnx.run: the same command again goes on from there",
      exitCode: 3,
    });
  });

  test('a real crash, of a fusion that reads what is not there, takes down the job alone', async () => {
    const error = await failure('crashesForReal', { name: 'eval ranges.onnx' });
    expect(error.message).toMatch(
      /^eval ranges\.onnx: its process was ended by SIG\w+ before its first stage, while ONNX Runtime ran graph 'ranges' of 2 nodes \(Gather, Range\);/,
    );
    expect(error.exitCode).toBe(3);
  });

  test('the op of a crash is found by beginnings of the graph, where the job may be run again', async () => {
    const told: string[] = [];
    const error = await failure('crashesInAttention', {
      name: 'eval model.onnx',
      isRepeatable: true,
      event: (event) => event.type === 'log' && told.push(event.text),
    });
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^eval model\.onnx: its process was ended by SIG\w+ before its first stage, while ONNX Runtime ran graph 'attends' of 9 nodes \(Attention, Relu\) and came to com\.microsoft\.Attention 'scalpel\/Attention'; the runtime breaks down on this op: export the model without it; SCALPEL_DEBUG=1 keeps the graph in a file, to report it$/,
      ),
      exitCode: 3,
    });
    expect(told).toEqual(['ONNX Runtime broke down; looking for the op, for ten seconds at most']);
  });

  test('a job that does not crash again has its result', async () => {
    const marker = join(mkdtempSync(join(tmpdir(), 'scalpel-job-')), 'marker');
    const told: string[] = [];
    const event = (event: JobEvent) => event.type === 'log' && told.push(event.text);
    await expect(runJob(jobs, { kind: 'crashesOnce', marker }, { isRepeatable: true, event })).resolves.toBe('done');
    expect(told.at(-1)).toBe('ONNX Runtime did not break down when the job was run again');
    rmSync(dirname(marker), { recursive: true });
  });

  test('a crash after the runtime was done is not blamed on it', async () => {
    const error = await failure('crashesAfterRuntime', { name: 'eval model.onnx' });
    expect(error).toMatchObject({
      message: 'eval model.onnx: its process was ended by SIGABRT before its first stage',
      exitCode: 1,
    });
  });

  test('a process that does not end after its result is ended', async () => {
    await expect(job('lingers')).resolves.toBe('done');
  });

  test('an AbortSignal stops it between runs', async () => {
    const stop = new AbortController();
    const error = await failure('stops', { signal: stop.signal, event: () => stop.abort() });
    expect(error).toMatchObject({ message: 'interrupted: the job was stopped before it was done', exitCode: 130 });
    await expect(failure('stops', { signal: AbortSignal.abort() })).resolves.toMatchObject({ exitCode: 130 });
  });

  test('a job that ends well after the signal has its result', async () => {
    const stop = new AbortController();
    await expect(job('finishesAnyway', { signal: stop.signal, event: () => stop.abort() })).resolves.toBe(
      'a checkpoint',
    );
  });

  test('stops between runs of the runtime, which block while they last', async () => {
    const stop = new AbortController();
    const start = performance.now();
    const error = await failure('multiplies', { signal: stop.signal, event: () => stop.abort() });
    expect(error).toMatchObject({ exitCode: 130 });
    expect(performance.now() - start).toBeLessThan(8000);
  });

  test('leaves no signal handler behind', async () => {
    const before = process.listenerCount('SIGINT');
    await job('echo');
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe.skipIf(process.platform === 'win32')('signals to the parent', () => {
  /** Starts the driver in its own process group, sends the signals once the job runs, and returns what it printed last. */
  async function interrupted(kind: string, signals: readonly NodeJS.Signals[], toGroup = false): Promise<unknown> {
    const child = spawn(process.execPath, [driver, kind], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (!line.startsWith('running')) continue;
      for (const signal of signals) {
        process.kill(toGroup ? -child.pid! : child.pid!, signal);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    if (child.exitCode === null) await once(child, 'exit');
    return JSON.parse(lines.at(-1)!);
  }

  test.each([
    ['SIGINT', false],
    ['SIGTERM', false],
    ['SIGHUP', false],
    ['SIGHUP', true],
    // a terminal sends Ctrl-C to the child as well
    ['SIGINT', true],
  ] as const)('the first %s stops the job (to the group: %s)', async (signal, toGroup) => {
    const outcome = await interrupted('stops', [signal], toGroup);
    expect(outcome).toMatchObject({ message: 'interrupted: the job was stopped before it was done', exitCode: 130 });
  });

  test('the second kills a job that is busy', async () => {
    const outcome = await interrupted('blocks', ['SIGINT', 'SIGINT'], true);
    expect(outcome).toMatchObject({
      message: 'interrupted: the job did not stop in time and was killed',
      exitCode: 130,
    });
    expect((outcome as { seconds: number }).seconds).toBeLessThan(8);
  });

  test.each(['stops', 'blocks'])('a job whose parent is gone ends too, even when it is busy: %s', async (kind) => {
    const child = spawn(process.execPath, [driver, kind], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const pid = Number(line.split(' ')[1]);
    if (kind === 'blocks') await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill('SIGKILL');
    const isAlive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    await expect.poll(isAlive, { timeout: 15_000 }).toBe(false);
  });

  test('standard output is not for jobs', async () => {
    expect(await interrupted('prints', [])).toEqual({ value: null });
  });
});
