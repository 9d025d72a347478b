/** Attributes that later opsets take as inputs. */
import { floatAttr, intAttr, intsAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import { int64 } from '../../tensor/tensor.js';
import { changed, scalarLike, type Upgrade, type UpgradeContext } from './upgrade.js';

/** Squeeze, Unsqueeze and the reductions: `axes`, where given. */
export const axesInput = (below: number): Upgrade => ({
  below,
  apply: (node, { g }) => {
    const axes = intsAttr(node, 'axes');
    return axes ? [changed(node, { inputs: [node.inputs[0]!, g.ints(axes)], without: ['axes'] })] : [node];
  },
});

/** `split` became an input in 13; from 18 on, equal parts are asked for by their number. */
export const Split: Upgrade = {
  below: 18,
  apply: (node, { g }) => {
    const split = intsAttr(node, 'split');
    if (split) return [changed(node, { inputs: [node.inputs[0]!, g.ints(split)], without: ['split'] })];
    if (node.inputs[1]) return [node];
    const parts = { kind: 'int', value: BigInt(node.outputs.length) } as const;
    return [changed(node, { attrs: { ...node.attrs, num_outputs: parts } })];
  },
};

export const Clip: Upgrade = {
  below: 11,
  apply: (node, { g }) => {
    const x = node.inputs[0] as Value;
    const bound = (name: string): Value | null =>
      node.attrs[name] ? scalarLike(g, x, floatAttr(node, name, 0)) : null;
    return [changed(node, { inputs: [x, bound('min'), bound('max')], without: ['min', 'max'] })];
  },
};

export const Pad: Upgrade = {
  below: 11,
  apply: (node, { g }) => {
    const x = node.inputs[0] as Value;
    const inputs = [x, g.ints(intsAttr(node, 'pads') ?? []), scalarLike(g, x, floatAttr(node, 'value', 0))];
    return [changed(node, { inputs, without: ['pads', 'value'] })];
  },
};

export const Slice: Upgrade = {
  below: 10,
  apply: (node, { g }) => {
    const axes = intsAttr(node, 'axes');
    const inputs = [node.inputs[0]!, ...['starts', 'ends'].map((name) => g.ints(intsAttr(node, name) ?? []))];
    return [changed(node, { inputs: axes ? [...inputs, g.ints(axes)] : inputs, without: ['starts', 'ends', 'axes'] })];
  },
};

export const TopK: Upgrade = {
  below: 10,
  apply: (node, { g }) => [
    changed(node, { inputs: [node.inputs[0]!, g.ints([intAttr(node, 'k', 1)])], without: ['k'] }),
  ],
};

export const DFT: Upgrade = {
  below: 20,
  apply: (node, { g }: UpgradeContext): readonly Node[] => {
    const axis = g.constant(int64([], [intAttr(node, 'axis', 1)]));
    return [changed(node, { inputs: [node.inputs[0]!, node.inputs[1] ?? null, axis], without: ['axis'] })];
  },
};
