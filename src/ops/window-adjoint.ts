/** From a sliding window's outputs back to its inputs: the gradient of a convolution towards its data. */
import type { Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { sizeOf } from '../tensor/dtype.js';
import type { Tape } from './tape.js';
import { reach, type Window } from './window.js';

export interface Sliding {
  /** [outputs, inputs / group, ...kernel]. */
  readonly shape: readonly number[];
  readonly group: number;
  readonly window: Window;
  /** Spatial sizes of the data and of the result, where fixed. */
  readonly input: readonly number[] | undefined;
  readonly output: readonly number[] | undefined;
}

/**
 * At stride 1 a convolution with the turned kernel: it beat or equalled ConvTranspose in every measured shape, with a weight
 * that is an input too, and a constant one is turned before it runs.
 * @param x whose spatial shape the result takes
 */
export function towardsInput(g: Tape, dy: Value, weight: Value, x: Value, sliding: Sliding): Value {
  return sliding.window.strides.every((step) => step === 1)
    ? convolved(g, dy, weight, sliding)
    : scatter(g, dy, weight, x, sliding);
}

/** The same by ConvTranspose, at any stride. */
export function scatter(g: Tape, dy: Value, weight: Value, x: Value, sliding: Omit<Sliding, 'shape'>): Value {
  const { input, output } = sliding;
  if (isSingleLayer(sliding)) {
    const plane = scatter(g, g.squeeze(dy, [2]), g.squeeze(weight, [2]), x, inLayer(sliding));
    return g.unsqueeze(plane, [2]);
  }
  return input && output
    ? scattered(g, dy, weight, sliding, input, output)
    : scatteredByShape(g, dy, weight, x, sliding);
}

/** Three axes of which the first is of size 1: over two the runtime is five times faster. */
const isSingleLayer = ({ window: { kernel, strides, begin, end }, input, output }: Omit<Sliding, 'shape'>): boolean =>
  kernel.length === 3 &&
  [kernel[0], strides[0], input?.[0], output?.[0]].every((size) => size === 1) &&
  begin[0] === 0 &&
  end[0] === 0;

function inLayer({ group, window, input, output }: Omit<Sliding, 'shape'>): Omit<Sliding, 'shape'> {
  const plane: Window = {
    kernel: window.kernel.slice(1),
    strides: window.strides.slice(1),
    dilations: window.dilations.slice(1),
    begin: window.begin.slice(1),
    end: window.end.slice(1),
  };
  return { group, window: plane, input: input?.slice(1), output: output?.slice(1) };
}

function convolved(g: Tape, dy: Value, weight: Value, { shape, group, window }: Sliding): Value {
  const { dilations, begin, end } = window;
  const room = reach(window);
  const before = room.map((size, i) => size - begin[i]!);
  const after = room.map((size, i) => size - end[i]!);
  return g.op('Conv', [cropped(g, dy, before, after), turned(g, weight, shape, group)], {
    group,
    dilations,
    pads: [...before, ...after].map((size) => Math.max(0, size)),
  });
}

/** Without the outer pixels that lie in the padding alone, as many as negative numbers say. */
function cropped(g: Tape, dy: Value, before: readonly number[], after: readonly number[]): Value {
  const axes = before.flatMap((size, i) => (size < 0 || after[i]! < 0 ? [i] : []));
  if (axes.length === 0) return dy;
  return g.slice(
    dy,
    axes.map((i) => Math.max(0, -before[i]!)),
    axes.map((i) => (after[i]! < 0 ? after[i]! : Number.MAX_SAFE_INTEGER)),
    axes.map((i) => i + 2),
  );
}

/** [outputs, inputs / group, ...kernel] as [inputs, outputs / group, ...kernel], each kernel reversed. */
function turned(g: Tape, weight: Value, shape: readonly number[], group: number): Value {
  const [outputs, inputs, ...kernel] = shape as [number, number, ...number[]];
  const positions = sizeOf(kernel);
  const split = g.reshape(reversed(g, weight, positions), [group, outputs / group, inputs, positions]);
  const exchanged = group === outputs ? split : g.transpose(split, [0, 2, 1, 3]);
  return g.reshape(exchanged, [group * inputs, outputs / group, ...kernel]);
}

/** Each kernel backwards, as rows: a product with the reversing permutation takes a fifth of the time of Gather or Slice. */
function reversed(g: Tape, weight: Value, positions: number): Value {
  if (positions === 1) return weight;
  const rows = g.reshape(weight, [-1, positions]);
  const backwards = Array.from({ length: positions }, (_, i) => positions - 1 - i);
  if (positions > 128) return g.op('Gather', [rows, g.ints(backwards)], { axis: 1 });
  const permutation = new Float32Array(positions * positions);
  for (const [i, j] of backwards.entries()) permutation[i * positions + j] = 1;
  return g.matmul(rows, g.constant(tensorOf(g.dtype(weight), [positions, positions], permutation)));
}

function scattered(
  g: Tape,
  dy: Value,
  weight: Value,
  { group, window }: Omit<Sliding, 'shape'>,
  input: readonly number[],
  output: readonly number[],
): Value {
  const { strides, dilations, begin } = window;
  const room = reach(window);
  const beyond = output.map((size, i) => (size - 1) * strides[i]! + room[i]! + 1 - begin[i]! - input[i]!);
  return g.op('ConvTranspose', [dy, weight], {
    group,
    strides,
    dilations,
    pads: [...begin, ...beyond.map((size) => Math.max(0, size))],
    output_padding: beyond.map((size) => Math.max(0, -size)),
  });
}

/** Sizes known only when it runs: everything is scattered, then cut to the data's place. */
function scatteredByShape(
  g: Tape,
  dy: Value,
  weight: Value,
  x: Value,
  { group, window }: Omit<Sliding, 'shape'>,
): Value {
  const { strides, dilations, begin } = window;
  const all = g.op('ConvTranspose', [dy, weight], { group, strides, dilations });
  const first = g.ints(begin);
  const last = g.add(g.op('Shape', [x], { start: 2 }), first);
  const missing = g.op('Max', [g.sub(last, g.op('Shape', [all], { start: 2 })), g.ints([0])]);
  const axes = g.ints(begin.map((_, i) => i + 2));
  const enough = g.op('Pad', [all, g.concat([g.ints(begin.map(() => 0)), missing], 0), null, axes]);
  return g.op('Slice', [enough, first, last, axes]);
}
