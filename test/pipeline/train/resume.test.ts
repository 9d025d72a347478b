/** Runs of training that end before their time: the same request goes on, to the same bytes. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { start, waitForGroup } from '../../../scripts/study/kill-run.mjs';
import type { TrainRequest } from '../../../src/pipeline/train/request.js';
import type { TrainReport } from '../../../src/report/train-report.js';
import { jobHere } from '../../helpers/job-here.js';
import { cbf, cbfRequest, inOutput, newFolder, short, train } from './train-requests.js';

interface Outcome {
  readonly model: Buffer;
  readonly report: Omit<TrainReport, 'timing'>;
}

/** All that two equal runs have in common. */
function outcomeOf(request: TrainRequest): Outcome {
  const { timing: _, ...report } = JSON.parse(readFileSync(inOutput(request, 'report.json'), 'utf8'));
  return { model: readFileSync(inOutput(request, 'model.onnx')), report };
}

/** Runs until so many steps of a stage are done, then stops as Ctrl-C does. */
async function stopped(request: TrainRequest, stage: RegExp, steps: number): Promise<void> {
  const stop = new AbortController();
  const context = jobHere((event) => {
    if (event.type === 'progress' && stage.test(event.stage) && event.unit === 'steps' && event.done >= steps)
      stop.abort();
  }, stop.signal);
  await expect(train(request, context)).rejects.toThrow();
  expect(existsSync(request.output!.folder)).toBe(false);
}

/** Goes on. @returns the first step told of each stage. */
async function resumed(request: TrainRequest): Promise<Map<string, number>> {
  const first = new Map<string, number>();
  await train(
    request,
    jobHere((event) => {
      if (event.type === 'progress' && event.unit === 'steps' && !first.has(event.stage))
        first.set(event.stage, event.done);
    }),
  );
  return first;
}

describe('a training that was stopped', () => {
  // checkpoints are seconds apart: a clock that runs fast makes them come at every judgement
  beforeEach(() => {
    const real = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => real() * 1e5);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each(['mean-teacher', 'mixmatch'] as const)('%s', async (algorithm) => {
    const request = cbfRequest(newFolder(), { algorithm, backbone: { name: 'fcn', width: 4, dropout: 0.2 } });
    await train(request);
    const whole = outcomeOf(request);
    rmSync(request.output!.folder, { recursive: true });
    await stopped(request, /./, 9);
    expect(
      readdirSync(request.output!.run).filter((name) => /^cell-24-0-(even|odd)\.safetensors$/.test(name)),
    ).toHaveLength(2);
    expect((await resumed(request)).get(algorithm)).toBeGreaterThan(8);
    expect(outcomeOf(request)).toEqual(whole);
    expect(existsSync(request.output!.run)).toBe(false);
  });

  test('among others: finished ones are not done again', async () => {
    const request = cbfRequest(newFolder(), {
      draws: { budgets: [6, 24], seeds: [3], validation: 30 },
      baselines: ['random-forest'],
      savesAll: true,
    });
    await train(request);
    const whole = outcomeOf(request);
    rmSync(request.output!.folder, { recursive: true });
    await stopped(request, /2\/2/, 6);
    expect([...(await resumed(request)).keys()]).toEqual(['supervised 2/2: 24 labels, seed 3']);
    expect(outcomeOf(request)).toEqual(whole);
  });

  test('in a search', async () => {
    const request = cbfRequest(newFolder(), { search: { trials: 3 }, training: { ...short, steps: 9, every: 3 } });
    await train(request);
    const whole = outcomeOf(request);
    rmSync(request.output!.folder, { recursive: true });
    await stopped(request, /search/, 5);
    expect((await resumed(request)).get('search')).toBeGreaterThan(3);
    expect(outcomeOf(request)).toEqual(whole);
  });

  test('is not gone on with under other settings, and the one that differs is named', async () => {
    const request = cbfRequest(newFolder());
    await stopped(request, /./, 9);
    const other = { ...request, training: { ...short, rate: 0.001 } };
    await expect(train(other)).rejects.toThrow(/belongs to a run with other settings \(rate: 0.003 then, 0.001 now\)/);
  });
});

describe.runIf(process.platform === 'linux')('a run that is killed', () => {
  const request = cbfRequest(newFolder());
  const { folder } = request.output!;
  const words = [
    ...['train', '--data', cbf.training[0], '--test', cbf.test[0], '--algorithm', 'mixmatch', '--labels', '6,12,24'],
    ...['--width', '4', '--steps', '40', '--every', '10', '--provider', 'cpu', '--threads', '1', '--output', folder],
  ];
  let whole: Outcome;
  beforeAll(async () => {
    expect((await start(words).ended).code).toBe(0);
    whole = outcomeOf(request);
  });

  test('in its second training, goes on to the same bytes', async () => {
    rmSync(folder, { recursive: true });
    let isSent = false;
    const run = start(words, (stderr) => {
      if (isSent || !/mixmatch 2\/3/.test(stderr)) return;
      isSent = process.kill(-run.pid!, 'SIGKILL');
    });
    expect((await run.ended).code).toBe('SIGKILL');
    await waitForGroup(run.pid);
    expect(existsSync(folder)).toBe(false);
    const { code, stderr } = await start(words).ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining('resuming the run')]);
    expect(stderr).not.toContain('mixmatch 1/3');
    expect(outcomeOf(request)).toEqual(whole);
  });
});
