/** What the gradients of all recurrent cells share. */
import type { Value } from '../ir/types.js';
import { emitScan, type StepResult } from './emit-scan.js';
import type { Direction } from './recurrent-gradient.js';
import { joined, span } from './sizes.js';
import type { Tape } from './tape.js';

/** x W + h' R + b for all steps at once: [steps, batch, gates * hidden]. */
export function gateSums(g: Tape, layer: Direction): Value {
  const { x, w, before, r, biases } = layer;
  const bias = biases && g.add(...biases);
  const fromX = g.op('Gemm', [flat(g, x), w, ...(bias ? [bias] : [])], { transB: 1 });
  const sums = g.op('Gemm', [flat(g, before), r, fromX], { transB: 1 });
  return inSteps(g, sums, layer);
}

/** x times a weight [gates * hidden, columns] for all steps at once, with the bias of the input (0) or the state (1). */
export function partialSums(g: Tape, layer: Direction, which: 0 | 1): Value {
  const [data, weight] = which === 0 ? [layer.x, layer.w] : [layer.before, layer.r];
  const bias = layer.biases?.[which];
  const sums = g.op('Gemm', [flat(g, data), weight, ...(bias ? [bias] : [])], { transB: 1 });
  return inSteps(g, sums, layer);
}

/** [steps * batch, gates * hidden] as [steps, batch, gates * hidden]. */
const inSteps = (g: Tape, value: Value, { x, width }: Direction): Value =>
  g.op('Reshape', [value, joined(g, [span(g, x, 0, 2), g.ints([width])])], { allowzero: 1 });

const flat = (g: Tape, value: Value): Value => g.op('Flatten', [value], { axis: 2 });

/** The cotangent of the state that entered a step, from that of a sum that the state gave by `weight`. */
export type ToState = (d: Value, weight: Value) => Value;

/**
 * A Scan from the last step to the first that writes its outputs in the order of time. The cotangent of a state comes from the step
 * behind it and from the layer's output; `ToState` adds both inside its product.
 * @returns the last states, then the sequences of outputs
 */
export function stepsBack(
  g: Tape,
  { isReversed, dBefore }: Direction,
  states: readonly Value[],
  sequences: readonly Value[],
  step: (t: Tape, toState: ToState, states: readonly Value[], slices: readonly Value[]) => StepResult,
  outputs = 1,
): readonly Value[] {
  const lane = { isReversed: !isReversed };
  const all = dBefore ? [...sequences, dBefore] : sequences;
  return emitScan(
    g,
    states,
    all.map((value) => ({ value, ...lane })),
    Array.from({ length: outputs }, () => lane),
    (t, carried, slices) => {
      const more = dBefore ? [slices.at(-1) as Value] : [];
      return step(t, (d, weight) => t.op('Gemm', [d, weight, ...more]), carried, slices);
    },
  );
}

/** The gates `from` to `to` of a sequence [steps, batch, gates * hidden]. */
export const part = (g: Tape, value: Value, hidden: number, from: number, to: number): Value =>
  g.slice(value, [from * hidden], [to * hidden], [2]);

/** The rows of the gates `from` to `to` of a weight. */
export const rows = (g: Tape, weight: Value, hidden: number, from: number, to: number): Value =>
  g.slice(weight, [from * hidden], [to * hidden], [0]);

/** From the cotangents of the gates' sums, those of what they are made of. `fromState`: of the part that the state gave. */
export function weightsOf(g: Tape, layer: Direction, dSums: Value, fromState: Value, before: Value) {
  const ofBias = total(g, dSums, layer);
  return {
    x: g.matmul(dSums, layer.w),
    w: product(g, dSums, layer.x),
    r: product(g, fromState, before),
    biases: g.concat([ofBias, fromState === dSums ? ofBias : total(g, fromState, layer)], 0),
  };
}

/** Sum over steps and batch of d times x: [rows, columns]. */
export const product = (g: Tape, d: Value, x: Value): Value => g.op('Gemm', [flat(g, d), flat(g, x)], { transA: 1 });

/** The sum over steps and batch, as a product with ones. */
function total(g: Tape, d: Value, { x }: Direction): Value {
  const [steps, batch] = [g.size(x, 0), g.size(x, 1)];
  const known = steps !== undefined && batch !== undefined;
  const count = known ? g.ints([steps * batch]) : g.op('Shape', [flat(g, d)], { start: 0, end: 1 });
  return g.matmul(g.op('Expand', [g.scalar(1), count]), flat(g, d));
}
