/** channelOrder: an order of input channels in which an n:m pattern keeps more. */
import { heed } from '../heed.js';
import { random } from '../tensor/random.js';
import { type Columns, type Keeping, type StripeScores, stripeScores } from './stripe-scores.js';

export interface OrderSearch {
  readonly seed: number;
  /** Of the group: other names draw other numbers. */
  readonly name: string;
  /**
   * Scores that may be looked at, some hundred millions a second. Not a time, so that the same search ends with the same order anywhere.
   * Default: a billion, and two millions a channel where that is more.
   */
  readonly work?: number;
  readonly signal?: AbortSignal;
  /** Told the share of the work that is done, in [0, 1]. */
  readonly onWork?: (share: number) => void;
}

/** What is looked at between two looks at the signal. */
const breath = 2e7;

/** Scores that one look over all pairs may cost: of more channels, as many as that allows are drawn anew for each look. */
const roundWork = 3e8;

/** And no more than this, however few rows there are: what is known of all pairs is held. */
const mostInRound = 1024;

/** Escapes in a row that lead nowhere. */
const patience = 50;

/**
 * Pool, Yu, Channel permutations for N:M sparsity (NeurIPS 2021): pairs of channels in different stripes change places, those that gain
 * most first, until no pair gains; then escapes: some pairs change places at random, and the descent from there is kept if it ends
 * higher. Here all swaps of one look that share no stripe are made at once, as their gains add up.
 * @returns the unit at each position; the identity where nothing gains.
 */
export async function channelOrder(columns: Columns, keeping: Keeping, search: OrderSearch): Promise<number[]> {
  const { units, rows } = columns;
  const { work = Math.max(1e9, 2e6 * units) } = search;
  const stripes = stripeScores(columns, keeping);
  const inRound = Math.min(mostInRound, Math.floor(Math.sqrt(Math.min(work, roundWork) / Math.max(1, rows))));
  const budget = budgetOf(work, Math.max(1, rows), search);
  if (units > keeping.m) {
    const climbing =
      inRound < units
        ? climbByParts(stripes, Math.max(keeping.m + 1, inRound), budget, search)
        : climbAndEscape(stripes, budget, search);
    await climbing;
  }
  return Array.from(stripes.order);
}

interface Budget {
  /** Whether so many more columns can be looked at. */
  affords(columns: number): boolean;
  spend(columns: number): Promise<void>;
}

function budgetOf(work: number, rows: number, { signal, onWork }: OrderSearch): Budget {
  let [spent, held] = [0, 0];
  return {
    affords: (columns) => spent + columns * rows <= work,
    async spend(columns) {
      spent += columns * rows;
      held += columns * rows;
      if (held < breath) return;
      held = 0;
      onWork?.(Math.min(1, spent / work));
      await heed(signal);
    },
  };
}

/** By position and unit, what the stripe there keeps with that unit in that place. */
interface Table {
  readonly units: number;
  readonly kept: Float64Array;
}

/** All channels at once: what each would keep in each place is known, and only what a swap touches is looked at again. */
async function climbAndEscape(stripes: StripeScores, budget: Budget, { seed, name }: OrderSearch): Promise<void> {
  const { order, stripeOf } = stripes;
  const units = order.length;
  const all = Int32Array.from({ length: units }, (_, at) => at);
  const table: Table = { units, kept: new Float64Array(units ** 2) };
  const refresh = async (positions: Int32Array): Promise<void> => {
    for (const position of positions) {
      stripes.fill(position, all, table.kept.subarray(position * units, (position + 1) * units));
      await budget.spend(units);
    }
  };
  const climb = async (from: Int32Array): Promise<void> => {
    for (let fresh = from; fresh.length > 0 && budget.affords(units); ) {
      await refresh(fresh);
      const touched = swapBest(stripes, fresh, all, table, (position) => order[position]!);
      // of pairs that were not touched, none gains
      fresh = all.filter((position) => touched.has(stripeOf(position)));
    }
  };
  await climb(all);
  const draw = random(seed, `escapes of ${name}`);
  const [before, known] = [order.slice(), table.kept.slice()];
  let best = stripes.total();
  for (let tried = 0, idle = 0; idle < patience && budget.affords(units * 8); tried++) {
    const touched = shake(stripes, (i, below) => draw.integer(tried * units + i, below));
    await climb(all.filter((position) => touched.has(stripeOf(position))));
    const reached = stripes.total();
    const isBetter = reached > best * (1 + tolerance);
    idle = isBetter ? 0 : idle + 1;
    best = Math.max(best, reached);
    if (isBetter) {
      before.set(order);
      known.set(table.kept);
    } else {
      order.set(before);
      table.kept.set(known);
    }
  }
}

/** Too many for one look: each is at some of them. */
async function climbByParts(stripes: StripeScores, inRound: number, budget: Budget, { seed, name }: OrderSearch) {
  const units = stripes.order.length;
  const table: Table = { units: inRound, kept: new Float64Array(inRound ** 2) };
  const all = Int32Array.from({ length: inRound }, (_, at) => at);
  for (let round = 0, idle = 0; idle < 3 && budget.affords(inRound ** 2); round++) {
    const some = Int32Array.from(random(seed, `part ${round} of ${name}`).sample(inRound, units));
    const standing = some.map((position) => stripes.order[position]!);
    for (const [i, position] of some.entries()) {
      stripes.fill(position, standing, table.kept.subarray(i * inRound, (i + 1) * inRound));
      await budget.spend(inRound);
    }
    const part = { order: standing, stripeOf: (i: number) => stripes.stripeOf(some[i]!) };
    // the columns of the table are the units as they stood
    const touched = swapBest(part, all, all, table, (i) => i);
    for (const [i, position] of some.entries()) stripes.order[position] = standing[i]!;
    idle = touched.size === 0 ? idle + 1 : 0;
  }
}

/** Relative to what two stripes keep: less is rounding. */
const tolerance = 1e-9;

/**
 * Makes the swaps that gain most, each stripe in one of them.
 * @param fresh positions, one of which is in every swap.
 * @param columnOf the column of the table that is about the unit at a position.
 * @returns the stripes that are others now.
 */
function swapBest(
  { order, stripeOf }: Pick<StripeScores, 'order' | 'stripeOf'>,
  fresh: Int32Array,
  all: Int32Array,
  { units, kept }: Table,
  columnOf: (position: number) => number,
): Set<number> {
  const columns = all.map(columnOf);
  const stripes = all.map(stripeOf);
  const own = Float64Array.from(all, (position) => kept[position * units + columns[position]!]!);
  const swaps: { readonly one: number; readonly other: number; readonly gain: number }[] = [];
  for (const one of fresh) {
    for (let other = 0; other < all.length; other++) {
      const before = own[one]! + own[other]!;
      const gain = kept[one * units + columns[other]!]! + kept[other * units + columns[one]!]! - before;
      if (gain > tolerance * before && stripes[one] !== stripes[other]) swaps.push({ one, other, gain });
    }
  }
  swaps.sort((a, b) => b.gain - a.gain);
  const touched = new Set<number>();
  for (const { one, other } of swaps) {
    const [a, b] = [stripes[one]!, stripes[other]!];
    if (touched.has(a) || touched.has(b)) continue;
    touched.add(a).add(b);
    swap(order, one, other);
  }
  return touched;
}

/** One in twenty stripes, and at least one, gives a unit away at random. @returns the stripes that are others now. */
function shake({ order, stripeOf }: StripeScores, integer: (i: number, below: number) => number): Set<number> {
  const count = Math.max(1, Math.round(new Set(order.map((_, at) => stripeOf(at))).size / 20));
  const touched = new Set<number>();
  for (let i = 0; i < count; i++) {
    const [one, other] = [integer(2 * i, order.length), integer(2 * i + 1, order.length)];
    swap(order, one, other);
    touched.add(stripeOf(one)).add(stripeOf(other));
  }
  return touched;
}

function swap(order: Int32Array, one: number, other: number): void {
  const held = order[one]!;
  order[one] = order[other]!;
  order[other] = held;
}
