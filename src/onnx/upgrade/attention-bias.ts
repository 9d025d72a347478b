/** What Attention adds to its scores: 0 where a query may see a key and minus infinity elsewhere, and a mask of numbers. */
import { intAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { newSince21, numberLike } from './upgrade.js';

export interface Sequences {
  /** [batch, heads, steps, size]; the keys with those of the past. */
  readonly q: Value;
  readonly k: Value;
  /** [batch, heads, past steps, size] */
  readonly past: Value | null | undefined;
  /** The number of keys that count, [batch]. */
  readonly counts: Value | null | undefined;
  readonly mask: Value | null | undefined;
  /** Whether a mask may have fewer keys than there are. */
  readonly isMaskPadded: boolean;
}

/** Undefined where every query sees every key alike; `x` has the element type of the scores. */
export function attentionBias(g: Builder, node: Node, x: Value, sequences: Sequences): Value | undefined {
  const { q, k, past, counts, isMaskPadded } = sequences;
  const keys = stepsOf(g, k);
  const isMaskBool = sequences.mask?.type?.dtype === 'bool';
  // the element type decides what a mask means
  if (sequences.mask && !sequences.mask.type) newSince21(node);
  const mask = sequences.mask && isMaskPadded ? padded(g, x, sequences.mask, keys) : sequences.mask;
  const columns = (): Value => upTo(g, keys);
  const limits = counts ? g.op('Reshape', [counts, g.ints([-1, 1, 1, 1])]) : undefined;
  const seen: Value[] = mask && isMaskBool ? [mask] : [];
  if (limits) seen.push(g.op('Less', [columns(), limits]));
  if (intAttr(node, 'is_causal', 0) !== 0) {
    const steps = stepsOf(g, q);
    const rows = g.unsqueeze(upTo(g, steps), [1]);
    const before = past ? stepsOf(g, past) : limits && g.sub(limits, steps);
    seen.push(g.op('LessOrEqual', [columns(), before ? g.add(rows, before) : rows]));
  }
  const parts = seen.length > 0 ? [hidden(g, x, seen)] : [];
  if (mask && !isMaskBool) parts.push(mask);
  return parts.length > 0 ? parts.reduce((a, b) => g.add(a, b)) : undefined;
}

const hidden = (g: Builder, x: Value, seen: readonly Value[]): Value =>
  g.op('Where', [
    seen.reduce((a, b) => g.op('And', [a, b])),
    numberLike(g, x, 0),
    numberLike(g, x, Number.NEGATIVE_INFINITY),
  ]);

/** Keys that a mask leaves out are not seen. */
function padded(g: Builder, x: Value, mask: Value, keys: Value): Value {
  const missing = g.sub(keys, g.op('Shape', [mask], { start: -1 }));
  const filler = mask.type?.dtype === 'bool' ? null : numberLike(g, x, Number.NEGATIVE_INFINITY);
  return g.op('Pad', [mask, g.concat([g.ints([0]), missing], 0), filler, g.ints([-1])]);
}

/** The number of steps of [batch, heads, steps, size], as [1]. */
const stepsOf = (g: Builder, x: Value): Value => g.op('Shape', [x], { start: 2, end: 3 });

/** 0, 1, ..., count - 1. */
function upTo(g: Builder, count: Value): Value {
  const [start, end, step] = [g.ints([0]), count, g.ints([1])].map((value) => g.squeeze(value, [0]));
  return g.op('Range', [start as Value, end as Value, step as Value]);
}
