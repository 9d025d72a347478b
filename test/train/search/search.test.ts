import { describe, expect, test } from 'vitest';
import type { UserError } from '../../../src/errors.js';
import type {
  Outcome,
  RungEnd,
  SearchOptions,
  SearchProgress,
  Trial,
  TrialRecord,
} from '../../../src/train/search/index.js';
import { distance, oftenDiverging, quadratic, toy } from './toy.js';

const ids = (records: readonly TrialRecord[], status: TrialRecord['status']): number[] =>
  records.filter((record) => record.status === status).map(({ id }) => id);

describe('a search of a parabola', () => {
  // one in fifty settings by chance is as near
  test.each([1, 2, 3, 4, 5])('finds a place near its top, with seed %i', async (seed) => {
    const { best, trials } = await toy({ trials: 143, seed }).run();
    expect(distance(best.settings)).toBeLessThan(0.06);
    expect(trials.filter(({ settings }) => distance(settings) < distance(best.settings)).length).toBeLessThan(3);
    expect(best.status).toBe('kept');
  });

  test('where steps change nothing, finds the best of all that were started', async () => {
    const evaluate = async ({ settings }: Trial): Promise<Outcome> => ({ score: -distance(settings) });
    const { best, trials } = await toy({ trials: 143, evaluate }).run();
    expect(distance(best.settings)).toBe(Math.min(...trials.map(({ settings }) => distance(settings))));
  });

  test('tries the defaults first, and each trial on the rungs of its bracket', async () => {
    const { calls, run } = toy({ trials: 143 });
    const { trials } = await run();
    expect(calls[0]).toEqual({
      key: 'trial-0-steps-1',
      id: 0,
      bracket: 0,
      rung: 0,
      settings: { trainer: { rate: 1e-3 }, algorithm: { weight: 75 } },
      steps: 1,
      from: 0,
    });
    const taken = calls.map(({ bracket, rung, steps, from }) => [bracket, rung, from, steps].join(' '));
    const counts = [...new Set(taken)].map((place) => [place, taken.filter((other) => other === place).length]);
    expect(counts.slice(0, 8)).toEqual([
      ['0 0 0 1', 81],
      ['0 1 1 3', 27],
      ['0 2 3 9', 9],
      ['0 3 9 27', 3],
      ['0 4 27 81', 1],
      ['1 0 0 3', 34],
      ['1 1 3 9', 11],
      ['1 2 9 27', 3],
    ]);
    expect(new Set(calls.map(({ key }) => key)).size).toBe(calls.length);
    expect(trials.map(({ id }) => id)).toEqual(Array.from({ length: 143 }, (_, i) => i));
    expect(ids(trials, 'kept')).toHaveLength(1 + 1 + 1 + 2 + 5);
    expect(ids(trials, 'dropped')).toHaveLength(143 - 10);
  });

  test('is the same each time, and another with another seed', async () => {
    const one = await toy({ trials: 60 }).run();
    expect(await toy({ trials: 60 }).run()).toEqual(one);
    const other = await toy({ trials: 60, seed: 2 }).run();
    expect(other.trials[0]).toMatchObject({ settings: one.trials[0]!.settings });
    expect(other.trials[1]!.settings).not.toEqual(one.trials[1]!.settings);
  });

  test('takes the score where a trial has come to, even if another saw more steps', async () => {
    // the first trial is the best until it is trained on
    const evaluate = async ({ id, steps }: Trial): Promise<Outcome> => ({
      score: id === 0 ? 1 / steps : id === 1 ? 0.5 : 0.1,
      tie: 3,
    });
    const { best, trials } = await toy({ trials: 9, least: 9, evaluate }).run();
    expect(trials[0]).toMatchObject({ steps: 27, status: 'dropped', score: 1 / 27, tie: 3 });
    expect(best).toMatchObject({ id: 1, steps: 81, rung: 2, status: 'kept', score: 0.5 });
  });
});

describe('a budget in trials', () => {
  test.each([1, 2, 26, 81, 82, 100, 150])('of %i starts as many', async (trials) => {
    const seen: SearchProgress[] = [];
    const { calls, run } = toy({ trials, onProgress: (progress) => seen.push(progress) });
    const result = await run();
    expect(result.endedBy).toBe('trials');
    expect(result.trials).toHaveLength(trials);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(trials);

    // what is done and what is left add up from the beginning
    const all = { evaluations: calls.length, steps: calls.reduce((sum, { steps, from }) => sum + steps - from, 0) };
    expect(seen).toHaveLength(calls.length + 1);
    for (const { done, left } of seen)
      expect({ evaluations: done.evaluations + left!.evaluations, steps: done.steps + left!.steps }).toEqual(all);
    expect(seen.at(-1)).toMatchObject({ left: { evaluations: 0, steps: 0 }, milliseconds: 1000 * calls.length });
    expect(seen.at(-1)!.best).toEqual(result.best);
    expect(result).toMatchObject({ done: all, milliseconds: 1000 * calls.length });
  });
});

describe('a budget in minutes', () => {
  const rows: readonly (readonly [string, { minutes: number; trials?: number; lost?: number }, number, number])[] = [
    ['ends with the evaluation that reaches it', { minutes: 2 }, 20_000, 6],
    ['ends with the evaluation that passes it', { minutes: 2 }, 50_000, 3],
    ['is a second of it', { minutes: 1 / 60 }, 50_000, 1],
    ['counts what earlier starts lost', { minutes: 2, lost: 60_000 }, 20_000, 3],
    ['ends before so many trials', { minutes: 2, trials: 500 }, 20_000, 6],
    ['goes on with rounds for as long', { minutes: 10 }, 1000, 600],
  ];

  test.each(rows)('%s', async (_, options, milliseconds, evaluations) => {
    const seen: SearchProgress[] = [];
    const { calls, run } = toy({ ...options, onProgress: (progress) => seen.push(progress) }, milliseconds);
    const result = await run();
    expect(calls).toHaveLength(evaluations);
    expect(result).toMatchObject({
      endedBy: 'minutes',
      milliseconds: (options.lost ?? 0) + evaluations * milliseconds,
    });
    expect(seen[0]!.millisecondsLeft).toBe(options.minutes * 60_000 - (options.lost ?? 0));
    expect(seen.at(-1)!.millisecondsLeft).toBe(Math.max(0, options.minutes * 60_000 - result.milliseconds));
    expect('left' in seen[0]!).toBe('trials' in options);
  });

  test('ends earlier when so many trials were started', async () => {
    const { calls, run } = toy({ minutes: 100, trials: 1 });
    expect(await run()).toMatchObject({ endedBy: 'trials' });
    expect(calls).toHaveLength(5);
  });

  test('leaves trials unfinished that would have gone on', async () => {
    // 81 on the first rung, 4 of 27 on the second
    const { trials, best } = await toy({ minutes: 85 / 60 }).run();
    expect(trials).toHaveLength(81);
    expect(ids(trials, 'dropped')).toHaveLength(54);
    expect(ids(trials, 'unfinished')).toHaveLength(27);
    expect(trials.filter(({ steps }) => steps === 3)).toHaveLength(4);
    expect(best.score).toBe(Math.max(...trials.map(({ score }) => score)));
  });

  test('believes evaluations that say themselves what they took', async () => {
    const evaluate = async (trial: Trial): Promise<Outcome> => ({ ...quadratic(trial), milliseconds: 30_000 });
    const { calls, kept, run } = toy({ minutes: 2, evaluate });
    await run();
    expect(calls).toHaveLength(4);
    expect(kept.get('trial-3-steps-1')).toMatchObject({ milliseconds: 30_000 });
  });
});

describe('trials that fail', () => {
  test('are told, and never go on', async () => {
    const ends: RungEnd[] = [];
    const { calls, run } = toy({ trials: 143, evaluate: oftenDiverging, onRung: (end) => void ends.push(end) });
    const { trials, best } = await run();
    const failed = trials.filter(({ status }) => status === 'failed');
    expect(failed.length).toBeGreaterThan(3);
    for (const trial of failed) {
      expect(trial).toMatchObject({
        score: Number.NEGATIVE_INFINITY,
        failed: expect.stringMatching(/^train: .* got NaN/),
      });
      expect(calls.filter(({ id }) => id === trial.id).at(-1)!.steps).toBe(trial.steps);
    }
    expect(best.status).toBe('kept');

    // each rung says who goes on, and the next one has them
    for (const [i, end] of ends.entries()) {
      const after = ends[i + 1];
      if (after?.bracket === end.bracket)
        expect([...after.promoted, ...after.ended].sort((a, b) => a - b)).toEqual(end.promoted);
      for (const id of end.promoted) expect(trials[id]!.rung).toBeGreaterThan(end.rung);
      for (const id of end.ended) expect(trials[id]!.rung).toBe(end.rung);
    }
    expect(ends.flatMap(({ ended }) => ended).sort((a, b) => a - b)).toEqual(trials.map(({ id }) => id));
  });

  const scores: readonly (readonly [string, Outcome, string])[] = [
    ['without a score', { score: Number.NaN }, 'expected a finite score, got NaN'],
    ['with an infinite one', { score: Number.POSITIVE_INFINITY }, 'expected a finite score, got Infinity'],
    ['for a reason, whatever the score', { score: 1, failed: 'no room' }, 'no room'],
  ];

  test.each(scores)('%s, leave their bracket to the others', async (_, outcome, failed) => {
    const evaluate = async (trial: Trial): Promise<Outcome> => (trial.id < 4 ? outcome : quadratic(trial));
    const { calls, kept, run } = toy({ trials: 7, least: 9, evaluate });
    const { trials } = await run();
    expect(ids(trials, 'failed')).toEqual([0, 1, 2, 3]);
    expect(trials[3]!.failed).toBe(failed);
    expect(calls.filter(({ rung }) => rung > 0).map(({ id }) => id > 3)).toEqual([true, true, true]);
    // known, they fail for the same reason but for what JSON makes of numbers
    const again = await toy({ trials: 7, least: 9, evaluate, known: kept }).run();
    expect(ids(again.trials, 'failed')).toEqual([0, 1, 2, 3]);
  });

  test('all of them end a bracket, and the next one begins', async () => {
    const evaluate = async (trial: Trial): Promise<Outcome> =>
      trial.bracket === 0 ? { score: Number.NEGATIVE_INFINITY, failed: 'lost' } : quadratic(trial);
    const seen: SearchProgress[] = [];
    const { calls, run } = toy({ trials: 15, least: 9, evaluate, onProgress: (progress) => seen.push(progress) });
    const { trials, best } = await run();
    expect(calls.slice(0, 10).map(({ bracket }) => bracket)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(ids(trials, 'failed')).toHaveLength(9);
    expect(best.bracket).toBeGreaterThan(0);
    // the rungs that nobody came to are left no more
    expect(seen[10]!.left!.evaluations).toBe(seen[9]!.left!.evaluations - 1 - 3 - 1);
    expect(seen.at(-1)!.left).toEqual({ evaluations: 0, steps: 0 });
  });
});

describe('a search that cannot be', () => {
  const lost = async (): Promise<Outcome> => ({ score: Number.NEGATIVE_INFINITY, failed: 'the loss was NaN' });
  const rows: readonly (readonly [string, Partial<SearchOptions>, string, number])[] = [
    ['has no budget', {}, 'search: expected a number of trials or of minutes, got neither', 2],
    ['has no trials', { trials: 0 }, 'search: expected a whole number of trials of at least 1, got 0', 2],
    ['has half a trial', { trials: 1.5 }, 'search: expected a whole number of trials of at least 1, got 1.5', 2],
    ['has no time', { minutes: 0 }, 'search: expected more than 0 minutes, got 0', 2],
    ['has no steps', { trials: 1, steps: 0 }, 'search: expected a whole number of steps of at least 1, got 0', 2],
    [
      'has only failures',
      { trials: 4, evaluate: lost },
      'search: expected a trial with a score, got 4 that failed, the first because of: the loss was NaN',
      5,
    ],
  ];

  test.each(rows)('is refused: it %s', async (_, options, message, exitCode) => {
    const refusal: UserError = await toy(options)
      .run()
      .then(
        () => expect.unreachable(),
        (error) => error,
      );
    expect(refusal).toMatchObject({ message, exitCode });
  });

  test('because of anything but divergence, throws it', async () => {
    const evaluate = async (): Promise<Outcome> => {
      throw new Error('no such file');
    };
    await expect(toy({ trials: 4, evaluate }).run()).rejects.toThrow('no such file');
  });
});
