/** TensorScatter of opset 24, which writes a few steps into a cache, as ScatterElements. */
import { intAttr, stringAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import { emitted, type UpgradeContext } from './upgrade.js';

/** Row b of the batch has its update from place `write_indices[b]` on along an axis; `circular` goes on at the start. */
export function TensorScatter(node: Node, { g }: UpgradeContext): readonly Node[] {
  const [cache, update, starts] = node.inputs as readonly [Value, Value, (Value | null)?];
  const axis = intAttr(node, 'axis', -2);
  return emitted(g, node, () => {
    const sizes = g.op('Shape', [update]);
    // ones in the number of axes, which need not be known
    const ones = g.add(g.mul(sizes, g.ints([0])), g.ints([1]));
    const steps = g.op('Gather', [sizes, g.ints([axis])], { axis: 0 });
    const count = g.squeeze(steps, [0]);
    const range = g.op('Range', [g.squeeze(g.ints([0]), [0]), count, g.squeeze(g.ints([1]), [0])]);
    const along = g.op('ScatterElements', [ones, g.ints([axis]), steps], { axis: 0 });
    const places = g.op('Reshape', [range, along]);
    const batch = g.op('Slice', [sizes, g.ints([0]), g.ints([1]), g.ints([0])]);
    const rows = g.op('ScatterElements', [ones, g.ints([0]), batch], { axis: 0 });
    const from = starts ? g.add(places, g.op('Reshape', [g.op('Cast', [starts], { to: 7 }), rows])) : places;
    const room = g.op('Gather', [g.op('Shape', [cache]), g.ints([axis])], { axis: 0 });
    const at = stringAttr(node, 'mode', 'linear') === 'circular' ? g.op('Mod', [from, room]) : from;
    return [g.op('ScatterElements', [cache, g.op('Expand', [at, sizes]), update], { axis })];
  });
}
