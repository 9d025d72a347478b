/**
 * Pad of some axes as Pad of all. ONNX Runtime 1.30 moves a Transpose across a Pad as if its pads were given for all axes, and
 * then fails with "indices element out of data bounds".
 */
import type { Value } from '../ir/types.js';
import { dataOf, int64 } from '../tensor/tensor.js';
import type { Tape } from './tape.js';

/** The pads of `axes` among zeros for the others. @param x what is padded, of whatever rank */
export function padsEverywhere(g: Tape, x: Value, pads: Value, axes: Value): Value {
  const [fixedPads, fixedAxes, rank] = [integers(g, pads), integers(g, axes), g.knownRank(x)];
  if (fixedPads && fixedAxes && rank !== undefined) return g.ints(among(fixedPads, fixedAxes, rank));
  const rankOf = g.op('Shape', [g.op('Shape', [x])]);
  const zeros = g.op('Expand', [g.constant(int64([], [0])), g.add(rankOf, rankOf)]);
  const isCounted = fixedAxes?.every((axis) => axis >= 0) ?? false;
  const listed = fixedAxes ? axes : g.cast(axes, 'int64');
  const isNegative = isCounted ? undefined : g.cast(g.op('Less', [listed, g.ints([0])]), 'int64');
  const first = isNegative ? g.add(listed, g.mul(isNegative, rankOf)) : listed;
  return g.op('ScatterElements', [zeros, g.concat([first, g.add(first, rankOf)], 0), pads], { axis: 0 });
}

function among(pads: readonly number[], axes: readonly number[], rank: number): number[] {
  const all = Array<number>(2 * rank).fill(0);
  for (const [i, axis] of axes.entries()) {
    const at = axis < 0 ? axis + rank : axis;
    all[at] = pads[i] as number;
    all[rank + at] = pads[axes.length + i] as number;
  }
  return all;
}

function integers(g: Tape, value: Value): number[] | undefined {
  const stored = g.tensorOf(value);
  return stored && Array.from(dataOf(stored), Number);
}
