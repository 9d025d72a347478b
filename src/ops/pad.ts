/** The gradient of Pad. */
import { stringAttr } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { pad } from './flow-shapes.js';
import { folded } from './folded-padding.js';
import type { OpDef } from './op.js';
import { asInt64, axisOf, integersOf } from './sizes.js';
import { fromPlaces } from './taken.js';
import type { Tape } from './tape.js';

export const Pad: OpDef = {
  flow: pad,
  vjp(g, [dy], node) {
    const [x, pads, value, axes] = node.inputs as [Value, Value, ...(Value | null | undefined)[]];
    const mode = stringAttr(node, 'mode', 'constant');
    const stored = integersOf(g, pads);
    if (mode !== 'constant') {
      const along = axes ? integersOf(g, axes)?.map((axis) => axisOf(axis, g.rank(x))) : g.dims(x).map((_, i) => i);
      const sum = stored && along && folded(g, dy as Value, x, mode, stored, along);
      return [sum ?? fromPlaces(g, dy as Value, x, (p) => g.op('Pad', [p, pads, null, axes ?? null], { mode }), true)];
    }
    const back = stored ? g.ints(stored.map((pad) => -pad)) : g.neg(asInt64(g, pads));
    const ofX = g.op('Pad', [dy as Value, back, null, axes ?? null]);
    return [ofX, null, value ? g.reshapeAs(added(g, dy as Value, x, pads, axes ?? null), value) : null];
  },
};

/** The sum over what was added, by a mask: the difference of two sums would lose digits. */
function added(g: Tape, dy: Value, x: Value, pads: Value, axes: Value | null): Value {
  const one = g.constant(tensorOf(g.dtype(x), [], Float32Array.of(1)));
  const mask = g.op('Pad', [g.zerosLike(x), pads, one, axes]);
  const every = Array.from({ length: g.rank(x) }, (_, i) => i);
  return g.reduceSum(g.mul(dy, mask), every);
}
