/** Gradient rule of MaxPool: each cotangent goes to the first maximum of its window, the one the runtime's index names. */
import { intAttr, intsAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { sizeOf } from '../tensor/dtype.js';
import { firstMaxima } from './first-maxima.js';
import { firstMaximaAlong, slidingAxis } from './first-maxima-along.js';
import { enlarged, tiles } from './pool-adjoint.js';
import type { Tape } from './tape.js';
import { spatialSizes, windowOf } from './window.js';

/**
 * The runtime's indices take ten times the time of the pool itself. Comparisons do without: of whole tiles where windows lie side
 * by side, else axis by axis. Symbolic sizes, and planes too large to count in float32, take the indices.
 */
export function maxPoolGradient(g: Tape, dy: Value, node: Node): Value {
  const [x, y] = [node.inputs[0] as Value, node.outputs[0] as Value];
  const kernel = intsAttr(node, 'kernel_shape') ?? [];
  const window = windowOf(g, node, x, kernel);
  const [input, output] = [spatialSizes(g, x), spatialSizes(g, y)];
  if (!window || !input || !output) return byIndex(g, dy, node);
  // Resize has no double kernel
  if (g.dtype(x) !== 'float64' && tiles(window, input)) return byMask(g, dy, node, kernel, input);
  const axis = slidingAxis(window);
  if (axis !== undefined) return firstMaximaAlong(g, dy, { x, y, window, input, output }, axis);
  const canCount = sizeOf(input) < 2 ** 22 && kernel.some((size) => size > 1);
  return canCount ? firstMaxima(g, dy, { x, y, window, input, output }) : byIndex(g, dy, node);
}

/** Windows side by side: comparisons instead of the runtime's slow indices. The earliest of equal maxima has the highest rank. */
function byMask(g: Tape, dy: Value, node: Node, kernel: readonly number[], input: readonly number[]): Value {
  const [x, y] = [node.inputs[0] as Value, node.outputs[0] as Value];
  const dtype = g.dtype(x);
  const ranks = Float32Array.from(
    { length: sizeOf(input) },
    (_, at) => sizeOf(kernel) - placeInTile(at, input, kernel),
  );
  const isMaximum = g.cast(g.op('Equal', [x, enlarged(g, y, kernel)]), dtype);
  const ranked = g.mul(isMaximum, g.constant(tensorOf(dtype, input, ranks)));
  const best = g.op('MaxPool', [ranked], { kernel_shape: kernel, strides: kernel });
  const isFirst = g.cast(g.op('Equal', [ranked, enlarged(g, best, kernel)]), dtype);
  return g.mul(isFirst, enlarged(g, dy, kernel));
}

/** The position within its tile of the `at`-th element of a flattened grid. */
function placeInTile(at: number, input: readonly number[], kernel: readonly number[]): number {
  let [rest, place, weight] = [at, 0, 1];
  for (let axis = input.length - 1; axis >= 0; axis--) {
    place += ((rest % input[axis]!) % kernel[axis]!) * weight;
    weight *= kernel[axis]!;
    rest = Math.floor(rest / input[axis]!);
  }
  return place;
}

const windowAttrs = ['auto_pad', 'ceil_mode', 'dilations', 'kernel_shape', 'pads', 'strides'];

/** Any windows and sizes: the index of each maximum in the flattened input, and a scatter that adds. */
function byIndex(g: Tape, dy: Value, node: Node): Value {
  const x = node.inputs[0] as Value;
  const attrs = Object.fromEntries(Object.entries(node.attrs).filter(([name]) => windowAttrs.includes(name)));
  const known = intAttr(node, 'storage_order', 0) === 0 ? node.outputs[1] : null;
  const indices = known ?? (g.ops('MaxPool', [x], 2, attrs)[1] as Value);
  const flat = (value: Value): Value => g.reshape(value, [-1]);
  const sizes = g.sizes(x);
  const total = sizes ? g.ints([sizeOf(sizes)]) : g.unsqueeze(g.op('Size', [x]), [0]);
  const zeros = g.op('Expand', [g.num(x, 0), total]);
  const found = g.op('ScatterElements', [zeros, flat(indices), flat(dy)], { axis: 0, reduction: 'add' });
  return g.reshapeAs(found, x);
}
