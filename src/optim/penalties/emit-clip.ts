/** Boxes as nodes: limits, clipping, and what an element saves if it isn't set to zero. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import type { Limits } from './penalty.js';

/** x in the box, if there is one. */
export const emitClip = (g: Builder, x: Value, box?: Limits): Value =>
  box ? g.op('Min', [g.op('Max', [x, box.lower]), box.upper]) : x;

/** A number for all elements, or one each along the last axis. */
export const emitNumbers = (g: Builder, values: number | Float32Array): Value =>
  typeof values === 'number' ? g.scalar(values) : g.floats(values);

/** z^2 - (z - p)^2 for p the nearest in the box; infinite where the box keeps p from zero. */
export function emitSavings(g: Builder, z: Value, box?: Limits): Value {
  if (!box) return g.mul(z, z);
  const [zero, p] = [g.scalar(0), emitClip(g, z, box)];
  const saved = g.mul(p, g.sub(g.add(z, z), p));
  const held = g.op('Or', [g.op('Greater', [box.lower, zero]), g.op('Less', [box.upper, zero])]);
  return g.op('Where', [held, g.scalar(Number.POSITIVE_INFINITY), saved]);
}
