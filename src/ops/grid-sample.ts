/** The gradient of GridSample, to the image and to the grid, for any number of axes. */
import { intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { type Tap, tapsOf } from './grid-taps.js';
import type { OpDef } from './op.js';
import { integers, joined, span, upTo, zeros } from './sizes.js';
import type { Tape } from './tape.js';

export const GridSample: OpDef = {
  vjp(g, [dy], node, isWanted) {
    const [x, grid] = node.inputs as [Value, Value];
    const samples = samplesOf(g, dy as Value, node);
    const isSloped = stringAttr(node, 'mode', 'linear') !== 'nearest';
    return [
      isWanted(x) ? toImage(g, samples, x) : null,
      isSloped && isWanted(grid) ? toGrid(g, samples, x, grid) : null,
    ];
  },
};

/** One point of the image that samples read: its row in the image [points, channels], and its part in every sample. */
interface Corner {
  readonly row: Value;
  readonly taps: readonly Tap[];
}

interface Samples {
  /** The cotangent as [samples, channels]. */
  readonly dy: Value;
  readonly corners: readonly Corner[];
}

function samplesOf(g: Tape, dy: Value, node: Node): Samples {
  const [x, grid] = node.inputs as [Value, Value];
  const axes = g.rank(x) - 2;
  const isCornered = intAttr(node, 'align_corners', 0) !== 0;
  const points = g.reshape(grid, [-1, axes]);
  const start = imageOf(g, grid, axes);
  let corners: readonly Corner[] = [{ row: start, taps: [] }];
  for (let axis = 0; axis < axes; axis++) {
    // the grid's coordinates are (x, y, z), the last axis first
    const at = axes - 1 - axis;
    const places = g.slice(points, [at], [at + 1], [1]);
    const size = span(g, x, axis + 2, axis + 3);
    const taps = tapsOf(g, places, { like: grid, size, isCornered, node });
    corners = corners.flatMap(({ row, taps: before }) =>
      taps.map((tap) => ({ row: g.add(g.mul(row, size), tap.place), taps: [...before, tap] })),
    );
  }
  return { dy: rowsOf(g, dy, x), corners };
}

/** Which image of the batch every sample reads, as [samples, 1]. */
function imageOf(g: Tape, grid: Value, axes: number): Value {
  const batch = upTo(g, span(g, grid, 0, 1));
  const inner = Array.from({ length: axes + 1 }, (_, i) => i + 1);
  const shape = joined(g, [span(g, grid, 0, axes + 1), g.ints([1])]);
  return g.reshape(g.op('Expand', [g.unsqueeze(batch, inner), shape]), [-1, 1]);
}

/** [n, c, ...] as [n ..., c]; `x` has the channels. */
function rowsOf(g: Tape, value: Value, x: Value): Value {
  const inner = Array.from({ length: g.rank(x) - 2 }, (_, i) => i + 2);
  const last = g.transpose(value, [0, ...inner, 1]);
  return g.op('Reshape', [last, joined(g, [g.ints([-1]), span(g, x, 1, 2)])]);
}

function toImage(g: Tape, { dy, corners }: Samples, x: Value): Value {
  const parts = corners.map(({ taps }) => g.mul(dy, weightOf(g, taps)));
  const rows = corners.map(({ row }) => row);
  const [updates, at] = parts.length === 1 ? [parts[0]!, rows[0]!] : [g.concat(parts, 0), g.concat(rows, 0)];
  const rank = g.rank(x);
  const sizes = [span(g, x, 0, 1), ...Array.from({ length: rank - 2 }, (_, i) => span(g, x, i + 2, i + 3))];
  const points = sizes.reduce((a, b) => integers(g, 'Mul', a, b));
  const base = zeros(g, x, joined(g, [points, span(g, x, 1, 2)]));
  const sum = g.op('ScatterND', [base, at, updates], { reduction: 'add' });
  const shaped = g.op('Reshape', [sum, joined(g, [...sizes, span(g, x, 1, 2)])]);
  return g.transpose(shaped, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]);
}

/** Along each axis the slope of its weight, times the others, times what the samples' channels have at the corner. */
function toGrid(g: Tape, { dy, corners }: Samples, x: Value, grid: Value): Value {
  const image = rowsOf(g, x, x);
  const axes = g.rank(x) - 2;
  const seen = corners.map(({ row }) => {
    const there = g.op('Gather', [image, g.squeeze(row, [1])], { axis: 0 });
    return g.reduceSum(g.mul(dy, there), [1], true);
  });
  const slopes = Array.from({ length: axes }, (_, axis) =>
    corners.map(({ taps }, i) => g.mul(seen[i]!, weightOf(g, taps, axis))).reduce((a, b) => g.add(a, b)),
  );
  return g.reshapeAs(g.concat(slopes.reverse(), 1), grid);
}

/** The product of the weights, with the slope in the place of the weight along `sloped`. */
const weightOf = (g: Tape, taps: readonly Tap[], sloped = -1): Value =>
  taps.map(({ weight, slope }, axis) => (axis === sloped ? slope : weight)).reduce((a, b) => g.mul(a, b));
