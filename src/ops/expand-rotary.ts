/** Rotary position embeddings (Su et al., RoFormer, arXiv 2104.09864) as products with cached cosines and sines. */
import { unsupported } from '../errors.js';
import { describe, intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { Tape } from './tape.js';

export interface Rotation {
  /** Pairs are neighbours, not the two halves. */
  readonly isInterleaved: boolean;
  /** Half of the elements that turn; the rest of the `size` of a head stays. */
  readonly half: number;
  readonly size: number;
}

/** @param x [batch, heads, steps, size]; @param positions [batch or 1, steps] */
export function rotate(g: Tape, x: Value, positions: Value, cos: Value, sin: Value, turn: Rotation): Value {
  const { isInterleaved, half, size } = turn;
  const [c, s] = [cos, sin].map((cache) => g.unsqueeze(g.op('Gather', [cache, positions], { axis: 0 }), [1])) as [
    Value,
    Value,
  ];
  const moving = size === 2 * half ? x : g.slice(x, [0], [2 * half], [3]);
  const pairs = isInterleaved ? g.reshape(moving, [0, 0, 0, half, 2]) : moving;
  const [a, b] = (
    isInterleaved
      ? [0, 1].map((i) => g.squeeze(g.slice(pairs, [i], [i + 1], [4]), [4]))
      : [0, 1].map((i) => g.slice(pairs, [i * half], [(i + 1) * half], [3]))
  ) as [Value, Value];
  const turned = [g.sub(g.mul(a, c), g.mul(b, s)), g.add(g.mul(b, c), g.mul(a, s))];
  const whole = isInterleaved
    ? g.reshape(
        g.concat(
          turned.map((each) => g.unsqueeze(each, [4])),
          4,
        ),
        [0, 0, 0, 2 * half],
      )
    : g.concat(turned, 3);
  return moving === x ? whole : g.concat([whole, g.slice(x, [2 * half], [size], [3])], 3);
}

/** The runtime's kernel for the CPU reads neither `scale` nor `is_packed_batching`, and so does this. */
export function expandRotaryEmbedding(g: Tape, node: Node): readonly Value[] {
  const [x, positions, cos, sin] = node.inputs as [Value, Value, Value, Value];
  const refuse = (what: string): never => {
    throw unsupported(describe(node), `its expansion does not know ${what}; export the model without`);
  };
  const half = g.size(cos, 1) ?? refuse('a cos_cache of unknown size');
  const isFlat = g.rank(x) === 3;
  const width = g.size(x, -1) ?? refuse('an input of unknown size');
  const heads = intAttr(node, 'num_heads', 0);
  const size = isFlat ? (heads > 0 ? width / heads : 2 * half) : width;
  const turn = { isInterleaved: intAttr(node, 'interleaved', 0) !== 0, half, size };
  const split = isFlat ? g.transpose(g.reshape(x, [0, 0, -1, size]), [0, 2, 1, 3]) : x;
  const places = g.rank(positions) === 1 ? onwards(g, x, positions, isFlat ? 1 : 2) : positions;
  const y = rotate(g, split, places, cos, sin, turn);
  return [isFlat ? g.reshape(g.transpose(y, [0, 2, 1, 3]), [0, 0, -1]) : y];
}

/** One start for all: start, start + 1, ... as [1, steps]. */
function onwards(g: Tape, x: Value, start: Value, axis: number): Value {
  const scalar = (value: Value): Value => g.squeeze(value, [0]);
  const steps = scalar(g.op('Shape', [x], { start: axis, end: axis + 1 }));
  const [zero, one] = [scalar(g.ints([0])), scalar(g.ints([1]))];
  return g.unsqueeze(g.add(g.op('Range', [zero, steps, one]), start), [0]);
}
