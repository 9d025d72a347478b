/** corner-search: every position is tried at every corner of the box, and those that hurt most are tried together. */

import { rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { Copies } from './copies.js';
import { type Moves, movesOf } from './corner-moves.js';
import { type Dice, diceOf } from './dice.js';
import { Shortlist } from './shortlist.js';
import { type Course, sideBySide } from './side-by-side.js';
import type { Victim } from './victim.js';

/**
 * Croce, Hein, Sparse and imperceivable adversarial attacks (arXiv 1909.05040), CornerSearch. The changes of single positions are
 * ordered by how near each brings the goal, once for each class that might win; then more and more of the best are drawn at random
 * from each order, the better the likelier, and the first set that reaches the goal ends the search. `sigma-map` changes values by what
 * cannot be seen in place of moving them to corners.
 *
 * Choices: orders that agree with one before are left out, since drawing from them again is drawing more often. Beyond `orders`
 * classes those that no single change brings near are left out too, and beyond `corners` corners of a position some are drawn: the
 * paper has ten classes and three channels. Targeted, the only order is by the target's distance.
 */
export const cornerSearch = attack({
  name: 'corner-search',
  family: 'sparse',
  needs: 'scores',
  paper: 'Croce, Hein, Sparse and imperceivable adversarial attacks (arXiv 1909.05040)',
  range: [0, 1],
  measure: 'l0',
  options: {
    k: { default: 50, about: 'positions that may change', from: 1, whole: true },
    candidates: { default: 100, about: 'changes of an order that are drawn from', from: 1, whole: true },
    samples: { default: 1000, about: 'sets drawn of each size from each order', from: 1, whole: true },
    increment: { default: 1, about: 'by how much sets grow', from: 1, whole: true },
    orders: { default: 10, about: 'orders drawn from', from: 1, whole: true },
    corners: { default: 8, about: 'corners tried of each position', from: 2, whole: true },
    values: { default: 'corners', about: 'what positions change to', choices: ['corners', 'sigma-map'] },
    kappa: { default: 1.5, about: 'size of changes of the sigma-map', from: 0 },
  },
  run: (victim, options) =>
    sideBySide(victim, (row) =>
      search(victim, row, movesOf(victim, row, options), diceOf(victim.random(row, 'sets')), options),
    ),
});

interface Settings {
  readonly k: number;
  readonly candidates: number;
  readonly samples: number;
  readonly increment: number;
  readonly orders: number;
}

function* search(victim: Victim, row: number, moves: Moves, dice: Dice, settings: Settings): Course<void> {
  const { k, samples, increment } = settings;
  const copies = new Copies(rowAt(victim.x, victim.size, row));
  const orders = yield* ordersOf(victim, row, moves, copies, settings);
  for (let count = 1 + increment; count <= k && orders.length > 0; count += increment) {
    for (const { ids, count: most } of orders) {
      for (let from = 0; from < samples; from += copies.most) {
        copies.reset();
        for (let j = 0; j < Math.min(copies.most, samples - from); j++) {
          const point = copies.next();
          // a change is drawn as often as its place from the end of the order says
          for (let i = 0; i < count; i++)
            moves.make(ids[most - 1 - Math.floor(Math.sqrt(dice.integer(most * most)))], point);
        }
        const { margins } = yield { points: copies.points };
        if (margins.some((margin) => margin < 0)) return;
      }
    }
  }
}

/** The orders to draw from, the most promising first; none where a single change was enough. */
function* ordersOf(
  { classes, goals, targeted }: Victim,
  row: number,
  moves: Moves,
  copies: Copies,
  { candidates, orders }: Settings,
): Course<Shortlist[]> {
  const most = Math.min(candidates, moves.count);
  const nearest = new Shortlist(most);
  const goal = goals[row];
  // two classes have one order
  const others = targeted || classes === 2 ? [] : [...Array(classes).keys()].filter((c) => c !== goal);
  const lists = others.map((rival) => ({ rival, list: new Shortlist(most) }));
  for (let id = 0; id < moves.count; ) {
    const first = id;
    copies.reset();
    for (let j = 0; j < copies.most && id < moves.count; j++) moves.make(id++, copies.next());
    const { logits, margins } = yield { points: copies.points };
    if (margins.some((margin) => margin < 0)) return [];
    for (let j = 0; j < id - first; j++) {
      nearest.see(first + j, margins[j]);
      const at = j * classes;
      for (const { rival, list } of lists) list.see(first + j, logits[at + goal] - logits[at + rival]);
    }
  }
  const different: Shortlist[] = [nearest];
  for (const { list } of lists.sort((a, b) => a.list.least - b.list.least)) {
    if (different.length === orders) break;
    if (!different.some((known) => known.equals(list))) different.push(list);
  }
  return most === 0 ? [] : different;
}
