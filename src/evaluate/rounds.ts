/**
 * Rounds: several runs timed in turn, so that a machine that slows down meanwhile slows all of them, and what was measured in one
 * round can be compared pair by pair.
 */

import { random } from '../tensor/random.js';
import { type Cost, costOf } from './clock.js';

export interface RoundOptions {
  /** At most; default 100. */
  readonly rounds?: number;
  /** No round starts later than this times the number of players after the start; default 10 000. */
  readonly milliseconds?: number;
  /** Rounds that take place however long they last; default 5. */
  readonly leastRounds?: number;
  /** Rounds before the first that counts; default 3. */
  readonly warmUp?: number;
  /** Of the order in each round; default 0. */
  readonly seed?: number;
  /** Whether each player plays once untimed before it is timed, where that is short. Default true. */
  readonly settles?: boolean;
  readonly signal?: AbortSignal;
  /** After each round that counts, with how many there will be as far as can be told. */
  onRound?(done: number, total: number): void;
}

/** A run after another model's finds its weights out of the caches; beyond this length it hardly shows. */
const longestSettling = 100;

/** Plays all players once a round and gives what each cost, by player and round. */
export async function inRounds(
  players: readonly (() => Promise<unknown>)[],
  options: RoundOptions = {},
): Promise<Cost[][]> {
  const { rounds = 100, milliseconds = 10_000, leastRounds = 5, warmUp = 3, seed = 0, settles = true } = options;
  const costs = players.map((): Cost[] => []);
  const last: (Cost | undefined)[] = players.map(() => undefined);
  const play = async (player: number): Promise<Cost> => {
    options.signal?.throwIfAborted();
    last[player] = await costOf(players[player]!);
    return last[player]!;
  };
  const [start, budget] = [performance.now(), milliseconds * players.length];
  for (let played = 0; played < warmUp + rounds; played++) {
    const [done, spent] = [played - warmUp, performance.now() - start];
    if (done >= leastRounds && spent > budget) break;
    // as many as the time is enough for at the pace so far
    const expected = Math.max(leastRounds, Math.floor((budget / spent) * played) - warmUp);
    if (done > 0) options.onRound?.(done, Math.min(rounds, Math.max(done + 1, expected)));
    for (const player of orderOf(played, players.length, seed)) {
      const isShort = (last[player]?.milliseconds ?? Number.POSITIVE_INFINITY) < longestSettling;
      if (settles && isShort) await play(player);
      const cost = await play(player);
      if (done >= 0) costs[player]!.push(cost);
    }
  }
  const done = costs[0]?.length ?? 0;
  options.onRound?.(done, done);
  return costs;
}

/**
 * Who plays when: an order drawn by the seed, and in the next round the same one backwards, so that each player comes as often
 * before any other as after it.
 */
export function orderOf(round: number, players: number, seed: number): number[] {
  const drawn = [...random(seed, `round ${round >> 1}`).permutation(players)];
  return round % 2 === 0 ? drawn : drawn.reverse();
}
