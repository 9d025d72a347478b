/** Upsample, and Resize before 11, are the Resize of later opsets with the defaults of their time. */
import { unsupported } from '../../errors.js';
import { attrs, describe, stringAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import { floatsOf } from '../../tensor/convert.js';
import { changed, type Upgrade, type UpgradeContext } from './upgrade.js';

/** Scales are an attribute before 9 and an input after. */
export const Upsample: Upgrade = {
  below: 22,
  apply: (node, context) => {
    const given = node.attrs.scales;
    const scales = given?.kind === 'floats' ? context.g.floats(given.value) : (node.inputs[1] as Value);
    return [scaled(node, scales, given?.kind === 'floats' ? given.value : undefined, context)];
  },
};

export const Resize: Upgrade = {
  below: 19,
  apply: (node, context) => {
    if (context.opset < 11) return [scaled(node, node.inputs[1] as Value, undefined, context)];
    if (stringAttr(node, 'coordinate_transformation_mode', '') === 'tf_half_pixel_for_nn') {
      throw unsupported(describe(node), 'tf_half_pixel_for_nn left ONNX in opset 13; export with another mode');
    }
    return [node];
  },
};

function scaled(node: Node, scales: Value, known: readonly number[] | undefined, { tensorOf }: UpgradeContext): Node {
  const stored = tensorOf(scales);
  const values = known ?? (stored ? [...floatsOf(stored)] : undefined);
  const mode = stringAttr(node, 'mode', 'nearest');
  return changed(node, {
    op: 'Resize',
    inputs: [node.inputs[0]!, null, scales],
    attrs: attrs({
      mode,
      coordinate_transformation_mode: 'asymmetric',
      ...(mode === 'nearest' ? { nearest_mode: nearestMode(node, values) } : {}),
    }),
  });
}

/** Early opsets leave the rounding open; the runtime rounds down when it enlarges and up when it reduces. */
function nearestMode(node: Node, scales: readonly number[] | undefined): 'floor' | 'ceil' {
  if (node.op === 'Upsample' || scales?.every((scale) => scale >= 1)) return 'floor';
  if (scales?.every((scale) => scale <= 1)) return 'ceil';
  throw unsupported(
    describe(node),
    'a Resize before opset 11 with scales that are not stored, or of both kinds; export the model for a later opset',
  );
}
