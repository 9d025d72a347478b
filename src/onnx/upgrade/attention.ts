/** Attention of opset 23 and 24 as products and a Softmax. */
import { floatAttr, intAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { dataTypeOf } from '../../tensor/dtype.js';
import { attentionBias } from './attention-bias.js';
import { emitted, newSince21, numberLike, type UpgradeContext } from './upgrade.js';

type Optional = Value | null | undefined;

const known = [
  'is_causal',
  'kv_num_heads',
  'q_num_heads',
  'qk_matmul_output_mode',
  'scale',
  'softcap',
  'softmax_precision',
];

export function Attention(node: Node, { g, opset }: UpgradeContext): readonly Node[] {
  const [query, key, value, mask, pastKey, pastValue, counts] = node.inputs as [Value, Value, Value, ...Optional[]];
  const mode = intAttr(node, 'qk_matmul_output_mode', 0);
  if (mode < 0 || mode > 3 || Object.keys(node.attrs).some((name) => !known.includes(name))) newSince21(node);
  if (query.type && value.type && query.type.dtype !== value.type.dtype) newSince21(node);
  const heads = headsOf(node, query, key);
  return emitted(g, node, () => {
    const [q, newK, newV] = [byHead(g, query, heads.query), byHead(g, key, heads.key), byHead(g, value, heads.key)];
    const k = pastKey ? g.concat([pastKey, newK], 2) : newK;
    const v = pastValue ? g.concat([pastValue, newV], 2) : newV;
    const isGrouped = heads.count.query === undefined || heads.count.query !== heads.count.key;
    const shared = isGrouped ? grouped(g, q, k, heads.count.key) : plainHeads(g);
    const raw = shared.scores(g.mul(q, scaleOf(g, node, query, q, heads.query)), k);
    const capped = softcapped(g, node, query, raw);
    const isMaskPadded = opset >= 24 && !isAsLong(mask, pastKey ? undefined : key, heads.key);
    const bias = attentionBias(g, node, query, { q, k, past: pastKey, counts, mask, isMaskPadded });
    // only a mask or a count of keys can leave a query without any key
    const weights = weigh(g, node, query, capped, bias, Boolean(mask || counts));
    const y = shared.values(weights, v);
    const shifted = mode === 2 && node.outputs[3] && bias ? g.add(capped, bias) : capped;
    const isFlat = heads.query !== undefined;
    return [
      isFlat ? g.reshape(g.transpose(y, [0, 2, 1, 3]), [0, 0, -1]) : y,
      k,
      v,
      [raw, capped, shifted, weights][mode],
    ];
  });
}

interface Heads {
  /** Where all heads stand on the last axis. */
  readonly query: number | undefined;
  readonly key: number | undefined;
  /** Where they are known. */
  readonly count: { readonly query: number | undefined; readonly key: number | undefined };
}

/** The numbers of heads are given for three axes only, which decides where the rank is unknown. */
function headsOf(node: Node, query: Value, key: Value): Heads {
  const [q, k] = ['q_num_heads', 'kv_num_heads'].map((name) => intAttr(node, name, 0)) as [number, number];
  const shape = query.type?.shape;
  if (shape ? shape.length === 3 : q > 0) {
    if (q <= 0 || k <= 0) newSince21(node);
    return { query: q, key: k, count: { query: q, key: k } };
  }
  return { query: undefined, key: undefined, count: { query: sizeOf(query, 1), key: sizeOf(key, 1) } };
}

function sizeOf(x: Optional, axis: number): number | undefined {
  const size = x?.type?.shape?.at(axis);
  return typeof size === 'number' ? size : undefined;
}

/** Whether a mask is known to have all keys. */
function isAsLong(mask: Optional, key: Value | undefined, heads: number | undefined): boolean {
  const keys = sizeOf(key, heads === undefined ? 2 : 1);
  return keys !== undefined && keys === sizeOf(mask, -1);
}

/** [batch, steps, heads * size] as [batch, heads, steps, size]. */
const byHead = (g: Builder, x: Value, heads: number | undefined): Value =>
  heads === undefined ? x : g.transpose(g.reshape(x, [0, 0, heads, -1]), [0, 2, 1, 3]);

/** The two products of queries with keys and of weights with values, all of four axes. */
interface Products {
  scores(q: Value, k: Value): Value;
  values(weights: Value, v: Value): Value;
}

const plainHeads = (g: Builder): Products => ({
  scores: (q, k) => g.matmul(q, g.transpose(k, [0, 1, 3, 2])),
  values: (weights, v) => g.matmul(weights, v),
});

/** Several heads of queries share one of keys: they stand on an axis of their own in the products. */
function grouped(g: Builder, q: Value, k: Value, count: number | undefined): Products {
  const span = (x: Value, start: number, end: number): Value => g.op('Shape', [x], { start, end });
  const like = (x: Value, ...parts: Value[]): Value => g.op('Reshape', [x, g.concat(parts, 0)]);
  const groups = [span(q, 0, 1), count === undefined ? span(k, 1, 2) : g.ints([count]), g.ints([-1])];
  const split = (x: Value): Value => like(x, ...groups, span(x, 2, 4));
  const whole = (x: Value): Value => like(x, span(q, 0, 3), span(x, 4, 5));
  return {
    scores: (x, keys) => whole(g.matmul(split(x), g.unsqueeze(g.transpose(keys, [0, 1, 3, 2]), [2]))),
    values: (weights, v) => whole(g.matmul(split(weights), g.unsqueeze(v, [2]))),
  };
}

function scaleOf(g: Builder, node: Node, x: Value, q: Value, heads: number | undefined): Value {
  if (node.attrs.scale) return numberLike(g, x, floatAttr(node, 'scale', 1));
  const width = sizeOf(x, -1);
  if (width !== undefined) return numberLike(g, x, 1 / Math.sqrt(width / (heads ?? 1)));
  const size = g.op('CastLike', [g.op('Shape', [q], { start: 3, end: 4 }), x]);
  return g.op('Reciprocal', [g.op('Sqrt', [size])]);
}

function softcapped(g: Builder, node: Node, x: Value, scores: Value): Value {
  const cap = floatAttr(node, 'softcap', 0);
  if (cap === 0) return scores;
  const most = numberLike(g, x, cap);
  return g.mul(g.op('Tanh', [g.op('Div', [scores, most])]), most);
}

/** The Softmax of scores and bias, in its precision; zeros for a query without keys. */
function weigh(g: Builder, node: Node, x: Value, scores: Value, bias: Value | undefined, mayBeEmpty: boolean): Value {
  if (!bias) return softmax(g, node, x, scores);
  if (!mayBeEmpty) return softmax(g, node, x, g.add(scores, bias));
  const most = g.op('ReduceMax', [bias, g.ints([-1])], { keepdims: 1 });
  const sees = g.op('Greater', [most, numberLike(g, x, Number.NEGATIVE_INFINITY)]);
  const finite = g.op('Where', [sees, bias, numberLike(g, x, 0)]);
  return g.mul(softmax(g, node, x, g.add(scores, finite)), g.op('CastLike', [sees, x]));
}

function softmax(g: Builder, node: Node, x: Value, scores: Value): Value {
  const code = intAttr(node, 'softmax_precision', 0);
  if (code === 0 || dataTypeOf(code) === x.type?.dtype) return g.op('Softmax', [scores], { axis: -1 });
  const weights = g.op('Softmax', [g.op('Cast', [scores], { to: code })], { axis: -1 });
  return g.op('CastLike', [weights, x]);
}
