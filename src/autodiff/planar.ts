/** Windows along one axis as windows over a picture. */
import { type AttrInput, intsAttr } from '../ir/node.js';
import type { Node } from '../ir/types.js';

/** Attributes of a Conv or pool along one axis as those of one along two, of which the first has size 1. */
export function planar(node: Node): Record<string, AttrInput> {
  const led = ['kernel_shape', 'strides', 'dilations'].flatMap((name) => {
    const value = intsAttr(node, name);
    return value ? [[name, [1, ...value]]] : [];
  });
  const pads = intsAttr(node, 'pads');
  return { ...node.attrs, ...Object.fromEntries(led), ...(pads && { pads: [0, pads[0]!, 0, pads[1]!] }) };
}
