/** costsOf: what a graph takes when some of its units are gone, counted without making it. */
import { type Axis, sizeLeft } from '../axes/axis.js';
import { isFloat } from '../tensor/dtype.js';
import type { Flows } from './flows.js';
import type { Living } from './shrink.js';

export interface Costs {
  /** Floating-point numbers that are stored. */
  readonly parameters: number;
  /** Products of two numbers in matrix products, convolutions and recurrent layers, at the sizes that the graph was looked at with. */
  readonly multiplications: number;
}

export function costsOf({ graph, axes, products }: Flows, living: Living = new Map()): Costs {
  const left = new Map<Axis, number>();
  const size = (axis: Axis): number => {
    const known = left.get(axis) ?? sizeLeft(axis, living);
    left.set(axis, known);
    return known;
  };
  const combinations = (all: readonly Axis[]): number => all.reduce((count, axis) => count * size(axis), 1);
  const sum = (lists: readonly (readonly Axis[])[]): number => lists.reduce((all, each) => all + combinations(each), 0);
  const weights = [...graph.initializers].filter(([, { dtype }]) => isFloat(dtype));
  return {
    parameters: sum(weights.map(([value]) => axes.get(value)!)),
    multiplications: sum(products.map(({ over }) => over)),
  };
}
