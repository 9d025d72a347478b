/** Rounds: who plays when, how often, and what ends them. */
import { describe, expect, test } from 'vitest';
import { inRounds, orderOf } from '../../src/evaluate/rounds.js';

/** Players that write down their turns. */
function players(count: number) {
  const turns: number[] = [];
  return { turns, all: Array.from({ length: count }, (_, i) => async () => void turns.push(i)) };
}

describe('the order of rounds', () => {
  test.each([1, 2, 3, 5])('of %i: every one once, and every pair each way round equally often', (count) => {
    const before = new Map<string, number>();
    for (let round = 0; round < 40; round++) {
      const order = orderOf(round, count, 7);
      expect([...order].sort()).toEqual(Array.from({ length: count }, (_, i) => i));
      for (const [at, a] of order.entries())
        for (const b of order.slice(at + 1)) before.set(`${a} ${b}`, (before.get(`${a} ${b}`) ?? 0) + 1);
    }
    expect([...before.values()].every((times) => times === 20)).toBe(true);
    expect(before.size).toBe(count * (count - 1));
  });

  test('is drawn by the seed', () => {
    const drawn = (seed: number) => Array.from({ length: 10 }, (_, round) => orderOf(round, 4, seed));
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
  });
});

describe('rounds', () => {
  test('warm up, and then time every player once a round, in the order of the round', async () => {
    const { turns, all } = players(3);
    const costs = await inRounds(all, { rounds: 4, warmUp: 2, seed: 5, settles: false });
    expect(costs.map(({ length }) => length)).toEqual([4, 4, 4]);
    expect(turns).toEqual([0, 1, 2, 3, 4, 5].flatMap((round) => orderOf(round, 3, 5)));
    for (const { milliseconds, processorMilliseconds } of costs.flat())
      expect([milliseconds >= 0, processorMilliseconds >= 0]).toEqual([true, true]);
  });

  test('let short runs settle: each plays twice, once it is known to be short', async () => {
    const { turns, all } = players(2);
    const costs = await inRounds(all, { rounds: 3, warmUp: 1 });
    expect(costs.map(({ length }) => length)).toEqual([3, 3]);
    expect(turns).toEqual(orderOf(0, 2, 0).concat([1, 2, 3].flatMap((r) => orderOf(r, 2, 0).flatMap((p) => [p, p]))));
  });

  test('end when the time is up, but not before the fewest', async () => {
    const { all } = players(2);
    expect((await inRounds(all, { milliseconds: 0, leastRounds: 6 })).map(({ length }) => length)).toEqual([6, 6]);
  });

  test('tell how many there will be', async () => {
    const { all } = players(1);
    const told: [number, number][] = [];
    await inRounds(all, { rounds: 3, onRound: (done, total) => told.push([done, total]) });
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  test('end at once where they are stopped', async () => {
    const stop = new AbortController();
    const reason = new Error('stop');
    const player = async () => stop.abort(reason);
    await expect(inRounds([player, player], { signal: stop.signal })).rejects.toBe(reason);
  });
});
