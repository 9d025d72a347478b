/** MaxRoiPool (Girshick, Fast R-CNN, arXiv 1504.08083): the largest pixel of each bin, first along columns, then along rows. */
import { floatAttr, intsAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { counting, countOf } from './attend.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

/** Regions are rows (image, x1, y1, x2, y2); their corners are rounded to pixels, and an empty bin is 0. */
export const MaxRoiPool: OpDef = {
  expand(g, node) {
    const [x, rois] = node.inputs as [Value, Value];
    const [height, width] = intsAttr(node, 'pooled_shape') as [number, number];
    const image = g.cast(g.squeeze(g.slice(rois, [0], [1], [1]), [1]), 'int64');
    const source = g.unsqueeze(g.op('Gather', [x, image], { axis: 0 }), [3]);
    const [rows, columns] = [membersOf(g, node, 2, 2, height), membersOf(g, node, 1, 3, width)];
    // [regions, channels, rows, bins]
    const byColumn = largest(g, x, source, g.unsqueeze(columns, [1, 2]), 4);
    const turned = g.unsqueeze(g.transpose(byColumn, [0, 1, 3, 2]), [3]);
    const pooled = g.transpose(largest(g, x, turned, g.unsqueeze(rows, [1, 2]), 4), [0, 1, 3, 2]);
    const [hasRows, hasColumns] = [rows, columns].map((members) =>
      g.op('ReduceMax', [members, g.ints([2])], { keepdims: 0 }),
    ) as [Value, Value];
    return [g.mul(pooled, g.mul(g.unsqueeze(hasRows, [1, 3]), g.unsqueeze(hasColumns, [1, 2])))];
  },
};

const largest = (g: Tape, x: Value, values: Value, members: Value, axis: number): Value =>
  g.op('ReduceMax', [g.add(values, g.mul(g.sub(members, g.num(x, 1)), g.num(x, 1e38))), g.ints([axis])], {
    keepdims: 0,
  });

/** 1 for the pixels of each bin, else 0: [regions, bins, pixels]. */
function membersOf(g: Tape, node: Node, column: number, axis: number, bins: number): Value {
  const [x, rois] = node.inputs as [Value, Value];
  const dtype = g.dtype(x);
  const scale = g.num(x, floatAttr(node, 'spatial_scale', 1));
  const half = g.num(x, 0.5);
  // halves away from zero, which Round does not
  const corner = (i: number): Value => {
    const at = g.mul(g.slice(rois, [i], [i + 1], [1]), scale);
    return g.mul(g.op('Sign', [at]), g.op('Floor', [g.add(g.op('Abs', [at]), half)]));
  };
  const from = corner(column);
  const size = g.op('Max', [g.add(g.sub(corner(column + 2), from), g.num(x, 1)), g.num(x, 1)]);
  const bin = g.div(size, g.num(x, bins));
  const edges = (shift: number): Value =>
    g.mul(
      g.constant(
        tensorOf(
          dtype,
          [1, bins],
          Float32Array.from({ length: bins }, (_, i) => i + shift),
        ),
      ),
      bin,
    );
  const [first, end] = [g.op('Floor', [edges(0)]), g.op('Ceil', [edges(1)])].map((each) =>
    g.unsqueeze(g.add(each, from), [2]),
  );
  const pixels = g.cast(counting(g, g.ints([0]), countOf(g, x, axis)), dtype);
  const isMember = g.op('And', [
    g.op('GreaterOrEqual', [pixels, first as Value]),
    g.op('Less', [pixels, end as Value]),
  ]);
  return g.cast(isMember, dtype);
}
