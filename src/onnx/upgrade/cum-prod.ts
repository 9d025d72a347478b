/** CumProd as products with itself moved by 1, 2, 4, ...: no quotients, so zeros do no harm. */
import { intAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import { dataOf } from '../../tensor/tensor.js';
import { emitted, newSince21, numberLike, type UpgradeContext } from './upgrade.js';

export function CumProd(node: Node, { g, tensorOf }: UpgradeContext): readonly Node[] {
  const [x, axis] = node.inputs as [Value, Value];
  const stored = tensorOf(axis);
  const known = stored && Number(dataOf(stored)[0]);
  const sizes = known === undefined ? x.type?.shape : x.type?.shape?.slice(known).slice(0, 1);
  if (!sizes?.every((size) => typeof size === 'number')) newSince21(node);
  const isReverse = intAttr(node, 'reverse', 0) !== 0;
  return emitted(g, node, () => {
    const one = numberLike(g, x, 1);
    const axes = known === undefined ? g.op('Cast', [g.reshape(axis, [1])], { to: 7 }) : g.ints([known]);
    const size = known === undefined ? g.op('Gather', [g.op('Shape', [x]), axes], { axis: 0 }) : undefined;
    /** What moves elements along the axis, at most by all there are: ones come in, and negative pads crop the others. */
    const pads = (by: number): Value => {
      if (!size) return g.ints(isReverse ? [-by, by] : [by, -by]);
      const most = g.op('Min', [g.ints([by]), size]);
      const back = g.op('Neg', [most]);
      return g.concat(isReverse ? [back, most] : [most, back], 0);
    };
    const moved = (y: Value, by: number): Value => g.op('Pad', [y, pads(by), one, axes]);
    const longest = Math.max(0, ...sizes);
    let y = intAttr(node, 'exclusive', 0) !== 0 && longest > 0 ? moved(x, 1) : x;
    for (let by = 1; by < longest; by *= 2) y = g.mul(y, moved(y, by));
    return [y];
  });
}
