/** RotaryEmbedding (Su et al., RoFormer, arXiv 2104.09864) as products with cosines and sines. */
import { intAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { emitted, newSince21, type UpgradeContext } from './upgrade.js';

export function RotaryEmbedding(node: Node, { g }: UpgradeContext): readonly Node[] {
  const [x, cos, sin, positions] = node.inputs as [Value, Value, Value, (Value | null)?];
  const heads = intAttr(node, 'num_heads', 0);
  // num_heads is for three axes only, which decides where the rank is unknown
  const isFlat = x.type?.shape ? x.type.shape.length === 3 : heads > 0;
  if (isFlat && heads <= 0) newSince21(node);
  const isInterleaved = intAttr(node, 'interleaved', 0) !== 0;
  const width = intAttr(node, 'rotary_embedding_dim', 0);
  return emitted(g, node, () => {
    const angles = (cache: Value): Value =>
      g.unsqueeze(positions ? g.op('Gather', [cache, positions], { axis: 0 }) : cache, [isFlat ? 2 : 1]);
    const split = isFlat ? g.reshape(x, [0, 0, heads, -1]) : x;
    const moving = width > 0 ? g.slice(split, [0], [width], [3]) : split;
    const turned = (isInterleaved ? neighbours : halves)(g, moving, angles(cos), angles(sin));
    const whole = width > 0 ? g.concat([turned, g.slice(split, [width], [Number.MAX_SAFE_INTEGER], [3])], 3) : turned;
    return [isFlat ? g.reshape(whole, [0, 0, -1]) : whole];
  });
}

/** Element i turns with element i + half. */
function halves(g: Builder, x: Value, c: Value, s: Value): Value {
  const [a, b] = g.ops('Split', [x], 2, { axis: 3, num_outputs: 2 }) as [Value, Value];
  return g.concat(turn(g, a, b, c, s), 3);
}

/** Element 2 i turns with element 2 i + 1. */
function neighbours(g: Builder, x: Value, c: Value, s: Value): Value {
  const pairs = g.reshape(x, [0, 0, 0, -1, 2]);
  const [a, b] = g.ops('Split', [pairs], 2, { axis: 4, num_outputs: 2 }) as [Value, Value];
  const turned = turn(g, a, b, g.unsqueeze(c, [4]), g.unsqueeze(s, [4]));
  return g.reshape(g.concat(turned, 4), [0, 0, 0, -1]);
}

const turn = (g: Builder, a: Value, b: Value, c: Value, s: Value): [Value, Value] => [
  g.sub(g.mul(c, a), g.mul(s, b)),
  g.add(g.mul(s, a), g.mul(c, b)),
];
