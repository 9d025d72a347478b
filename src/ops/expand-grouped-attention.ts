/** GroupQueryAttention: several queries share a key and a value; rows of a batch may differ in length. */
import { unsupported } from '../errors.js';
import { describe, floatAttr, intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { dataOf } from '../tensor/tensor.js';
import {
  type Attended,
  type AttendOptions,
  attend,
  byHead,
  counting,
  countOf,
  hiding,
  joined,
  never,
} from './attend.js';
import { scaleOf } from './expand-attention.js';
import { rotate } from './expand-rotary.js';
import type { Tape } from './tape.js';

type Given = Value | null | undefined;

function refuse(node: Node, what: string): never {
  throw unsupported(describe(node), `its expansion does not know ${what}; export the model without`);
}

interface Layer {
  readonly node: Node;
  readonly query: Value;
  readonly heads: number;
  readonly kvHeads: number;
  /** Of a head. */
  readonly size: number;
  readonly past: readonly [Value, Value] | null;
  /** Steps of the queries, int64 [1]. */
  readonly steps: Value;
  /** Keys of each row, [batch], and of the longest, [1]; how many of them came before: [batch], null without a past. */
  readonly totals: Value;
  readonly longest: Value;
  readonly before: Value | null;
}

export function expandGroupQueryAttention(g: Tape, node: Node): readonly (Value | null)[] {
  const layer = layerOf(g, node);
  const { query, heads, kvHeads, size } = layer;
  const [rawQ, rawK, newV] = partsOf(g, layer);
  const q = turned(g, layer, rawQ);
  const k = behindPast(g, layer, rawK && turned(g, layer, rawK), 0);
  const v = behindPast(g, layer, newV, 1);
  const { seen, isByRow } = visible(g, layer, k);
  const given = node.inputs[10];
  const isShared = heads !== kvHeads;
  const inGroups = (x: Value): Value => (isShared ? splitHeads(g, node, x, heads, kvHeads) : x);
  const shown = isShared && isByRow ? g.unsqueeze(seen, [2]) : seen;
  const options: AttendOptions = {
    isGrouped: isShared,
    scale: scaleOf(node, size),
    biases: [hiding(g, query, shown, never), ...(given ? [inGroups(given)] : [])],
    softcap: floatAttr(node, 'softcap', 0),
    ...sinkOf(g, layer),
    ...(isByRow && windowOf(node) > 0 && { seen: g.cast(shown, g.dtype(query)) }),
  };
  const read = (x: Value): Value => {
    const within = layer.past ? g.op('Slice', [x, g.ints([0]), layer.longest, g.ints([2])]) : x;
    return isShared ? g.unsqueeze(within, [2]) : within;
  };
  const asked = isShared ? g.reshape(q, [0, kvHeads, heads / kvHeads, -1, size]) : q;
  const made = attend(g, query, asked, read(k), read(v), options);
  const y = isShared ? g.reshape(g.transpose(made.y, [0, 3, 1, 2, 4]), [0, 0, -1]) : joined(g, made.y);
  return [y, k, v, scoresOf(g, layer, made, shown)];
}

function layerOf(g: Tape, node: Node): Layer {
  const [query, key, , pastKey, pastValue, lengths, total] = node.inputs as readonly Given[];
  if (!query || !lengths || !total) refuse(node, 'a query, seqlens_k or total_sequence_length left out');
  const isQuantised = ['k_quant_type', 'v_quant_type'].some((name) => stringAttr(node, name, 'NONE') !== 'NONE');
  if (isQuantised) refuse(node, 'a quantised cache');
  if (windowOf(node) === 0) refuse(node, 'a local_window_size of 0');
  const heads = intAttr(node, 'num_heads', 1);
  const kvHeads = intAttr(node, 'kv_num_heads', heads);
  const width = g.size(query, 2);
  if (width === undefined) refuse(node, 'a query of unknown size');
  const past = pastKey && pastValue && g.size(pastKey, 2) !== 0 ? ([pastKey, pastValue] as const) : null;
  const steps = countOf(g, query, 1);
  const one = g.ints([1]);
  const totals = g.add(g.reshape(g.cast(lengths, 'int64'), [-1]), one);
  const longest = g.reshape(g.cast(total, 'int64'), [1]);
  // a prompt starts anew whatever the past holds
  const goesOn = (): Value => g.cast(g.op('Not', [g.op('Equal', [longest, steps])]), 'int64');
  return {
    node,
    query,
    heads,
    kvHeads,
    size: key ? width / heads : width / (heads + 2 * kvHeads),
    past,
    steps,
    totals,
    longest,
    before: past && g.mul(g.sub(totals, steps), goesOn()),
  };
}

/**
 * Query, key and value by head; packed ones stand one after the other. Null for key and value of no steps: the past has theirs
 * already, from another layer.
 */
function partsOf(g: Tape, layer: Layer): readonly [Value, Value | null, Value | null] {
  const { node, query, heads, kvHeads, size, past } = layer;
  const [, key, value] = node.inputs as readonly Given[];
  if (key && past && g.size(key, 1) === 0) return [byHead(g, query, heads), null, null];
  const cut = (from: number, count: number): Value => g.slice(query, [from * size], [(from + count) * size], [2]);
  const parts = key
    ? [query, key, value as Value]
    : [cut(0, heads), cut(heads, kvHeads), cut(heads + kvHeads, kvHeads)];
  const [q, k, v] = parts.map((x, i) => byHead(g, x, i === 0 ? heads : kvHeads));
  return [q as Value, k as Value, v as Value];
}

function turned(g: Tape, layer: Layer, x: Value): Value {
  const { node, size } = layer;
  if (intAttr(node, 'do_rotary', 0) === 0) return x;
  const [cos, sin] = [node.inputs[7], node.inputs[8]] as [Value, Value];
  const half = g.size(cos, 1);
  if (half === undefined) refuse(node, 'a cos_cache of unknown size');
  const isInterleaved = intAttr(node, 'rotary_interleaved', 0) !== 0;
  return rotate(g, x, placesOf(g, layer), cos, sin, { isInterleaved, half, size });
}

/**
 * Places of the queries: on from the past, or from the first place given, which is that of all rows unless each has a single
 * step; as [batch or 1, steps].
 */
function placesOf(g: Tape, { node, query, before, steps }: Layer): Value {
  const given = node.inputs[9];
  const along = g.unsqueeze(counting(g, g.ints([0]), steps), [0]);
  if (!given) return before ? g.add(g.unsqueeze(before, [1]), along) : along;
  const first = g.slice(given, [0], [1], [1]);
  const ofAll = g.slice(first, [0], [1], [0]);
  const count = g.size(query, 1);
  if (count !== undefined) return g.add(count === 1 ? first : ofAll, along);
  const isSingle = g.cast(g.op('Equal', [steps, g.ints([1])]), 'int64');
  return g.add(g.add(ofAll, g.mul(g.sub(first, ofAll), isSingle)), along);
}

/** In each row the steps of its past, then the new ones, then zeros: as many as the longest has, or as the past has room for. */
function behindPast(g: Tape, layer: Layer, x: Value | null, which: 0 | 1): Value {
  const { node, past, before, steps, longest, kvHeads, size } = layer;
  if (!past || !before) return x as Value;
  const old = past[which];
  if (!x) return old;
  if (g.dtype(old) !== g.dtype(node.inputs[0] as Value)) refuse(node, 'a quantised cache');
  const room = countOf(g, old, 2);
  const all = g.op('Pad', [g.concat([old, x], 2), g.ints([0, 0, 0, 0, 0, 0, 1, 0])]);
  const count = g.op('Max', [longest, room]);
  const at = g.unsqueeze(counting(g, g.ints([0]), count), [0]);
  const from = g.unsqueeze(before, [1]);
  const isOld = g.op('Less', [at, from]);
  const isNew = g.op('Less', [at, g.add(from, steps)]);
  const fresh = g.op('Where', [isNew, g.add(room, g.sub(at, from)), g.add(room, steps)]);
  const source = g.unsqueeze(g.op('Where', [isOld, at, fresh]), [1, 3]);
  return g.op('GatherElements', [all, g.op('Expand', [source, g.ints([1, kvHeads, 1, size])])], { axis: 2 });
}

/** Which keys a query sees: those up to its own place and its row's end, none further back than a window. Padding may see none. */
function visible(g: Tape, layer: Layer, k: Value): { readonly seen: Value; readonly isByRow: boolean } {
  const { node, before, steps, longest, totals, past } = layer;
  const window = windowOf(node);
  const along = counting(g, g.ints([1]), g.add(steps, g.ints([1])));
  const columns = g.unsqueeze(counting(g, g.ints([0]), past ? longest : countOf(g, k, 2)), [0]);
  const isByRow = !isWhole(g, layer);
  const own = g.unsqueeze(before ? g.add(g.unsqueeze(before, [1]), along) : along, [-1]);
  const places = isByRow && before ? g.unsqueeze(own, [1]) : own;
  const ends = isByRow ? g.op('Min', [places, g.unsqueeze(totals, [1, 2, 3])]) : places;
  const seen = g.op('Less', [columns, ends]);
  if (window <= 0) return { seen, isByRow };
  const isNear = g.op('GreaterOrEqual', [columns, g.sub(places, g.ints([window]))]);
  return { seen: g.op('And', [seen, isNear]), isByRow };
}

const windowOf = (node: Node): number => intAttr(node, 'local_window_size', -1);

/** Whether it is known that all rows are prompts of full length. */
function isWhole(g: Tape, { node, query, past }: Layer): boolean {
  const stored = g.tensorOf(node.inputs[5]);
  const steps = g.size(query, 1);
  if (past || !stored || steps === undefined) return false;
  return Array.from(dataOf(stored), Number).every((last) => last + 1 >= steps);
}

/** A score without a key in each row: 0 with `smooth_softmax`, or one of each head. */
function sinkOf(g: Tape, { node, query, heads, kvHeads }: Layer): Pick<AttendOptions, 'sink'> {
  const given = node.inputs[11];
  if (given) {
    const shape = heads === kvHeads ? [heads, 1, 1] : [kvHeads, heads / kvHeads, 1, 1];
    return { sink: g.reshape(given, shape) };
  }
  return intAttr(node, 'smooth_softmax', 0) === 1 ? { sink: g.num(query, 0) } : {};
}

/** [batch, heads or 1, queries, keys] for heads in groups. */
function splitHeads(g: Tape, node: Node, bias: Value, heads: number, kvHeads: number): Value {
  const given = g.size(bias, 1);
  if (given === undefined) refuse(node, 'an attention_bias of unknown heads');
  if (given === 1) return g.unsqueeze(bias, [2]);
  const rest = g.op('Shape', [bias], { start: 2, end: 4 });
  return g.op('Reshape', [bias, g.concat([g.ints([0, kvHeads, heads / kvHeads]), rest], 0)]);
}

/** What `qk_output` asks for: the scores before (1) or the weights after the Softmax (2), zero where a key is hidden. */
function scoresOf(g: Tape, layer: Layer, { scores, weights }: Attended, seen: Value): Value | null {
  const { node, heads, query } = layer;
  const kind = intAttr(node, 'qk_output', 0);
  if (!node.outputs[3] || kind === 0) return null;
  const asked = kind === 1 ? g.mul(scores, g.cast(seen, g.dtype(query))) : weights;
  const sizes = g.op('Shape', [asked], { start: -2 });
  return g.op('Reshape', [asked, g.concat([g.ints([0, heads]), sizes], 0)]);
}
