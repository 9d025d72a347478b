import { describe, expect, test } from 'vitest';
import type { SearchOptions, SearchProgress } from '../../../src/train/search/index.js';
import { oftenDiverging, quadratic, toy } from './toy.js';

describe('a search that was broken off', () => {
  const budgets: readonly (readonly [string, Partial<SearchOptions>])[] = [
    ['trials', { trials: 120, evaluate: oftenDiverging }],
    ['minutes', { minutes: 3, evaluate: oftenDiverging }],
  ];

  test.each(budgets.flatMap(([name, options]) => [1, 40, 83, 115].map((at) => [name, at, options] as const)))(
    'goes on to the same result: %s, broken off in evaluation %i',
    async (_, at, options) => {
      const whole = toy(options);
      const expected = await whole.run();

      let count = 0;
      const broken = toy({
        ...options,
        async evaluate(trial) {
          if (++count === at) throw new Error('killed');
          return oftenDiverging(trial);
        },
      });
      await expect(broken.run()).rejects.toThrow('killed');
      expect(broken.kept.size).toBe(at - 1);

      const later = toy({ ...options, known: broken.kept });
      expect(await later.run()).toEqual(expected);
      expect(later.calls).toEqual(whole.calls.slice(at - 1));
    },
  );

  test('evaluates nothing when all is known, however little time there is', async () => {
    const whole = toy({ minutes: 2 });
    const expected = await whole.run();
    const again = toy({ minutes: 1, known: whole.kept });
    expect(await again.run()).toEqual(expected);
    expect(again.calls).toEqual([]);
  });

  test('tells what was done before as done', async () => {
    const whole = toy({ trials: 3 });
    await whole.run();
    const seen: SearchProgress[] = [];
    const known = new Map([...whole.kept].slice(0, 4));
    await toy({ trials: 3, known, onProgress: (progress) => seen.push(progress) }).run();
    expect(seen[0]).toMatchObject({
      done: { evaluations: 4, steps: 5 },
      left: { evaluations: 3, steps: 78 },
      milliseconds: 4000,
    });
    expect(seen).toHaveLength(4);
  });

  test('stops before the next evaluation when it is asked to', async () => {
    const stop = new AbortController();
    const { calls, run } = toy({
      trials: 20,
      signal: stop.signal,
      async evaluate(trial) {
        if (trial.id === 4) stop.abort(new Error('stopped'));
        return quadratic(trial);
      },
    });
    await expect(run()).rejects.toThrow('stopped');
    expect(calls).toHaveLength(5);
  });
});
