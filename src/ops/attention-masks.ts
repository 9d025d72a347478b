/** Masks of fused attention as what is added to the scores. */
import { unsupported } from '../errors.js';
import { describe, floatAttr, intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { counting, countOf, hiding, never } from './attend.js';
import type { Tape } from './tape.js';

interface Masked {
  /** The queries as the node is given them, [batch, steps, ...]. */
  readonly query: Value;
  /** All keys, [batch, heads, steps, size]. */
  readonly keys: Value;
  readonly mask: Value | null | undefined;
  /** Whether there are as many keys as steps of past and queries together: not in cross-attention. */
  readonly isOwn: boolean;
  /** How many keys came before the queries. */
  readonly past: Value;
}

/** The key mask of a node and, with `unidirectional`, what hides the keys to come. */
export function masksOf(g: Tape, node: Node, given: Masked): Value[] {
  const { mask } = given;
  const isCausal = intAttr(node, 'unidirectional', 0) !== 0;
  return [...(mask ? keyMask(g, node, mask, given) : []), ...(isCausal ? [toCome(g, given)] : [])];
}

/**
 * Ends of the keys [batch] (with their starts behind them [2 * batch], or other lengths [3 * batch + 2]), or 0 and 1 as
 * [batch, keys] or [batch, queries, keys]. One of a single column for all says nothing.
 */
function keyMask(g: Tape, node: Node, mask: Value, { query: x, keys }: Masked): Value[] {
  const filter = floatAttr(node, 'mask_filter_value', -10000);
  const rank = g.rank(mask);
  if (rank === 2) return g.size(mask, 1) === 1 ? [] : [hiding(g, x, g.unsqueeze(g.cast(mask, 'bool'), [1, 2]), filter)];
  if (rank === 3) return [hiding(g, x, g.unsqueeze(g.cast(mask, 'bool'), [1]), filter)];
  if (rank !== 1) {
    throw unsupported(describe(node), `expected a mask of rank 1 to 3, got ${rank}, which the runtime refuses as well`);
  }
  const batch = countOf(g, x, 0);
  const all = g.cast(mask, 'int64');
  const columns = counting(g, g.ints([0]), countOf(g, keys, 2));
  const ends = g.op('Slice', [all, g.ints([0]), batch, g.ints([0])]);
  const isBefore = g.op('Less', [columns, g.unsqueeze(ends, [1])]);
  const rows = g.size(mask, 0);
  const seen =
    rows !== undefined && rows === g.size(x, 0)
      ? isBefore
      : g.op('And', [isBefore, g.op('GreaterOrEqual', [columns, g.unsqueeze(startsOf(g, all, batch), [1])])]);
  return [hiding(g, x, g.unsqueeze(seen, [1, 2]), filter)];
}

/** The second half, where there are twice as many numbers as rows; else zeros. */
function startsOf(g: Tape, all: Value, batch: Value): Value {
  const twice = g.add(batch, batch);
  const isGiven = g.cast(g.op('Equal', [g.op('Shape', [all]), twice]), 'int64');
  // repeated, so that there are as many numbers in any case
  const second = g.op('Slice', [g.concat([all, all], 0), batch, twice, g.ints([0])]);
  return g.mul(second, isGiven);
}

/** What hides keys after their query: [queries, keys]. The last query sees them all, as it does in the kernel. */
function toCome(g: Tape, { query, keys, past, isOwn }: Masked): Value {
  const end = g.add(past, countOf(g, query, 1));
  const rows = g.unsqueeze(counting(g, past, end), [1]);
  const columns = g.unsqueeze(counting(g, g.ints([0]), countOf(g, keys, 2)), [0]);
  const before = g.op('LessOrEqual', [columns, rows]);
  const seen = isOwn ? before : g.op('Or', [before, g.op('Equal', [rows, g.sub(end, g.ints([1]))])]);
  return hiding(g, query, seen, never);
}
