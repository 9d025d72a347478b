/** holdingsOf: where the units of a group lie in matrices, biases and norms. */
import { type Atom, type Axis, found } from '../axes/axis.js';
import type { Value } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import { toMatrices } from '../ops/layout.js';
import type { Flows } from './flows.js';
import type { Group, Place } from './groups.js';

export interface Holdings {
  /** Layers whose columns multiply units: without those columns, a unit is as good as gone. */
  readonly reads: readonly Holding[];
  /** Layers whose rows make them. */
  readonly makes: readonly Holding[];
  /** Biases, scales and shifts of units, embeddings and other weights that are no matrices. */
  readonly others: readonly { readonly value: Value; readonly unitOf: Int32Array }[];
}

export interface Holding {
  readonly layer: Layer;
  /** By column or row of all stacks, the unit, or -1 where it is of none. */
  readonly unitOf: Int32Array;
}

/** @param layers of the graph that was looked at. */
export function holdingsOf({ axes }: Flows, { units, weights }: Group, layers: readonly Layer[]): Holdings {
  const byWeight = new Map(layers.map((layer) => [layer.weight, layer]));
  const reads: Holding[] = [];
  const makes: Holding[] = [];
  const others: Holdings['others'][number][] = [];
  for (const place of weights) {
    const own = axes.get(place.value)!;
    const elements = unitOfElements(own, place, units);
    const layer = byWeight.get(place.value);
    if (!layer || layer.positions !== elements.length) {
      others.push({ value: place.value, unitOf: Int32Array.from(elements) });
      continue;
    }
    const matrices = toMatrices(layer.layout, elements);
    const columns = alike(matrices, layer.layout, 'columns');
    if (columns) reads.push({ layer, unitOf: columns });
    else makes.push({ layer, unitOf: alike(matrices, layer.layout, 'rows')! });
  }
  return { reads, makes, others };
}

/** By position of an axis, which unit it is of; -1: none. */
export function unitsAlong(it: Axis, units: Atom): Int32Array {
  const end = found(it);
  if (end === units) return Int32Array.from({ length: end.size }, (_, i) => i);
  if (end.form.kind === 'sum') return Int32Array.from(end.form.parts.flatMap((part) => [...unitsAlong(part, units)]));
  if (end.form.kind !== 'product') return new Int32Array(end.size).fill(-1);
  return end.form.factors.reduce((all, factor) => {
    const own = unitsAlong(factor, units);
    return Int32Array.from({ length: all.length * own.length }, (_, at) => {
      const [slow, fast] = [all[Math.floor(at / own.length)]!, own[at % own.length]!];
      return slow >= 0 ? slow : fast;
    });
  }, Int32Array.of(-1));
}

/** As floats, which layouts are arranged in. */
function unitOfElements(own: readonly Axis[], { axis }: Place, units: Atom): Float32Array {
  const along = unitsAlong(own[axis]!, units);
  const inner = own.slice(axis + 1).reduce((count, { size }) => count * size, 1);
  const count = own.reduce((all, { size }) => all * size, 1);
  const elements = new Float32Array(count);
  // not `from`, which goes through an iterator: ten times as long
  for (let at = 0; at < count; at++) elements[at] = along[Math.floor(at / inner) % along.length]!;
  return elements;
}

/** What all elements of each column, or of each row, have in common; nothing where they differ. */
function alike(
  matrices: Float32Array,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  by: 'columns' | 'rows',
): Int32Array | undefined {
  const count = matrices.length / (by === 'columns' ? rows : columns);
  const shared = new Int32Array(count).fill(-2);
  for (let at = 0; at < matrices.length; at++) {
    const unit = matrices[at]!;
    const row = Math.floor(at / columns);
    const line = by === 'rows' ? row : Math.floor(row / rows) * columns + (at % columns);
    if (shared[line] === -2) shared[line] = unit;
    else if (shared[line] !== unit) return undefined;
  }
  return shared;
}
