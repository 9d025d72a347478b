/** sparse-rs: k positions at corners of the box, some of which are exchanged at random, the more the earlier, and kept if it helps. */

import { rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { type Dice, diceOf, drawToFront } from './dice.js';
import { type Loss, losses, lossNames } from './losses.js';
import { type Course, sideBySide } from './side-by-side.js';
import { stageOf } from './stages.js';
import type { Victim } from './victim.js';

/**
 * Croce, Andriushchenko, Singh, Flammarion, Hein, Sparse-RS: a versatile framework for query-efficient sparse black-box adversarial
 * attacks (arXiv 2006.12834), the l0 version. Always k positions are changed, each to a corner of the box; a query exchanges some of
 * them for others, and for good if the loss falls. An example is done at its first success.
 *
 * Choices: a corner where the clean example or the current one already stands would spoil a position or a query and is drawn again.
 * As in the paper the loss is the margin, and targeted the cross-entropy.
 */
export const sparseRs = attack({
  name: 'sparse-rs',
  family: 'sparse',
  needs: 'scores',
  paper:
    'Croce, Andriushchenko, Singh, Flammarion, Hein, Sparse-RS: a versatile framework for query-efficient sparse black-box adversarial attacks (arXiv 2006.12834)',
  range: [0, 1],
  measure: 'l0',
  budget: 'k',
  options: {
    k: { default: 24, about: 'positions that change', from: 1, whole: true },
    queries: { default: 10000, about: 'queries of one search', from: 1, whole: true },
    restarts: { default: 1, about: 'searches, each from other positions', from: 1, whole: true },
    share: { default: 0.8, about: 'share of the positions that the first queries exchange', from: 0, to: 1 },
    loss: { default: 'carlini-wagner', about: 'what is to fall', choices: lossNames },
  },
  defaults: ({ positions }, targeted) => ({
    ...(positions > 64 * 64 && { k: 150, share: targeted ? 0.1 : 0.3, queries: targeted ? 100000 : 10000 }),
    ...(targeted && { loss: 'cross-entropy' }),
  }),
  async run(victim, { k, restarts, loss, ...settings }) {
    for (let restart = 0; restart < restarts; restart++) {
      await sideBySide(victim, (row) => {
        const dice = diceOf(victim.random(row, `restart ${restart}`));
        return search(victim, row, dice, { ...settings, k: victim.budget(row, k), loss: losses[loss] });
      });
    }
  },
});

interface Settings {
  readonly k: number;
  readonly queries: number;
  readonly share: number;
  readonly loss: Loss;
}

function* search(victim: Victim, row: number, dice: Dice, { k, queries, share, loss }: Settings): Course<void> {
  // the first `inside` are changed
  const places = Uint32Array.from(victim.positions(row));
  const inside = Math.min(k, places.length);
  if (victim.found(row) || inside === 0) return;
  const clean = rowAt(victim.x, victim.size, row);
  const [current, asked] = [new Float32Array(clean), new Float32Array(clean)];
  const exchange = exchangeOf(victim, row, current, asked, dice);
  drawToFront(places, 0, places.length, inside, dice);
  for (let i = 0; i < inside; i++) exchange.corner(places[i]);
  let least = Number.POSITIVE_INFINITY;
  let moved = inside;
  let from = 0;
  for (let query = 0; query < queries; query++) {
    if (query > 0) {
      const many = Math.max(1, Math.floor((k * share) / divisors[stageOf(query, queries)]));
      // where nearly all positions are changed they get other corners instead
      moved = Math.min(many, inside);
      from = places.length - inside >= moved ? inside : 0;
      drawToFront(places, 0, inside, moved, dice);
      if (from > 0) drawToFront(places, inside, places.length, moved, dice);
      for (let i = 0; i < moved; i++) {
        if (from > 0) exchange.reset(places[i]);
        exchange.corner(places[from + i]);
      }
    }
    const judged = yield { points: asked };
    if (judged.margins[0] < 0) return;
    const value = loss.of(judged, 0, victim, row);
    const isBetter = value < least;
    if (isBetter) least = value;
    for (let i = 0; i < moved; i++) {
      exchange.settle(places[i], isBetter);
      if (from === 0) continue;
      exchange.settle(places[from + i], isBetter);
      if (isBetter) [places[i], places[from + i]] = [places[from + i], places[i]];
    }
  }
}

/** By what the first share is divided at each stage. */
const divisors = [1, 2, 4, 5, 6, 8, 10, 12, 15, 20];

/** Corners that change nothing are drawn again so often; where an input has two values only, there may be no others. */
const draws = 16;

/** Changes of single positions: `asked` is tried, `current` is what it departs from. */
function exchangeOf(
  { x, lower, upper, size, space }: Victim,
  row: number,
  current: Float32Array,
  asked: Float32Array,
  dice: Dice,
) {
  const { positions } = space;
  const start = row * size;
  const spoilt = (place: number): boolean => {
    let [isClean, isCurrent] = [true, true];
    for (let i = place; i < size; i += positions) {
      if (asked[i] !== x[start + i]) isClean = false;
      if (asked[i] !== current[i]) isCurrent = false;
    }
    return isClean || isCurrent;
  };
  return {
    /** Puts a position at a corner of the box. */
    corner(place: number): void {
      let isSpoilt = true;
      for (let draw = 0; draw < draws && isSpoilt; draw++) {
        for (let i = place; i < size; i += positions)
          asked[i] = dice.uniform() < 0.5 ? lower[start + i] : upper[start + i];
        isSpoilt = spoilt(place);
      }
    },
    /** Puts it back to the clean example. */
    reset(place: number): void {
      for (let i = place; i < size; i += positions) asked[i] = x[start + i];
    },
    /** What is tried becomes current, or is taken back. */
    settle(place: number, isKept: boolean): void {
      for (let i = place; i < size; i += positions) {
        if (isKept) current[i] = asked[i];
        else asked[i] = current[i];
      }
    },
  };
}
