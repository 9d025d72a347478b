/** Ops that once told training from inference by their outputs, and others that changed in kind. */
import { unsupported } from '../../errors.js';
import { attrs, describe, intAttr, stringAttr } from '../../ir/node.js';
import type { Value } from '../../ir/types.js';
import { identity } from '../copy-nodes.js';
import { changed, type Upgrade } from './upgrade.js';

/** Before 14 further outputs mean training; before 9 statistics may be per activation. */
export const BatchNormalization: Upgrade = {
  below: 14,
  apply: (node, { isRead }) => {
    if (intAttr(node, 'spatial', 1) !== 1)
      throw unsupported(describe(node), 'spatial = 0 left ONNX in opset 9; export the model for a later opset');
    if (node.outputs.slice(1).some((output) => output && isRead(output))) {
      throw unsupported(describe(node), 'training outputs before opset 14; export the model for inference');
    }
    return [changed(node, { outputs: node.outputs.slice(0, 1), without: ['spatial'] })];
  },
};

/** Before 12 it drops nothing at inference. */
export const Dropout: Upgrade = {
  below: 12,
  apply: (node, { isRead }) => {
    const [y, mask] = node.outputs;
    if (mask && isRead(mask))
      throw unsupported(describe(node), 'a mask that is read before opset 12; export the model for a later opset');
    return [{ ...identity(node.inputs[0] as Value, y as Value), name: node.name }];
  },
};

/** The same op under its later name. */
export const Scatter: Upgrade = { below: 22, apply: (node) => [changed(node, { op: 'ScatterElements' })] };

/** The default became half_pixel in 16. */
export const RoiAlign: Upgrade = {
  below: 16,
  apply: (node) => [
    changed(node, { attrs: { ...node.attrs, ...attrs({ coordinate_transformation_mode: 'output_half_pixel' }) } }),
  ],
};

const gridModes: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic', nearest: 'nearest' };

/** Modes were renamed in 20. */
export const GridSample: Upgrade = {
  below: 20,
  apply: (node) => {
    const mode = gridModes[stringAttr(node, 'mode', 'bilinear')] ?? 'linear';
    return [changed(node, { attrs: { ...node.attrs, ...attrs({ mode }) } })];
  },
};

/** An op whose earlier form has no counterpart. */
export const refusedBelow = (below: number, why: string): Upgrade => ({
  below,
  apply: (node) => {
    throw unsupported(describe(node), why);
  },
});
