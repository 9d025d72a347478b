/** Softmax, LogSoftmax and Hardmax before 13: over all axes from `axis` on, taken as one. */
import { intAttr } from '../../ir/node.js';
import type { Value } from '../../ir/types.js';
import { changed, plain, type Upgrade } from './upgrade.js';

export const softmaxFamily: Upgrade = {
  below: 13,
  apply: (node, { g }) => {
    const x = node.inputs[0] as Value;
    const axis = intAttr(node, 'axis', 1);
    const rank = x.type?.shape?.length;
    const last = { axis: { kind: 'int', value: -1n } } as const;
    if (axis === -1 || (rank !== undefined && axis === rank - 1)) return [changed(node, { attrs: last })];
    const [flat, result, shape] = [g.value('Flatten'), g.value(node.op), g.value('Shape')];
    return [
      plain('Shape', [x], [shape]),
      plain('Flatten', [x], [flat], { axis: { kind: 'int', value: BigInt(axis) } }),
      changed(node, { inputs: [flat], outputs: [result], attrs: last }),
      plain('Reshape', [result, shape], [node.outputs[0] as Value]),
    ];
  },
};
