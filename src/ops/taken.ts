/** The way back from elements that were picked out of a tensor. */
import type { Value } from '../ir/types.js';
import { integers, integersOf, joined, span, upTo, zeros } from './sizes.js';
import type { Tape } from './tape.js';

/** The cotangent of `x` given `dy`, that of `Gather(x, indices, axis)`; `rank` is that of `indices`, which are int64. */
export function fromGather(g: Tape, dy: Value, x: Value, indices: Value, axis: number, rank: number): Value {
  const stored = integersOf(g, indices);
  if (stored?.length === 1 && rank <= 1) {
    return fromOne(g, rank === 0 ? g.unsqueeze(dy, [axis]) : dy, x, stored[0] as number, axis);
  }
  const size = g.size(x, axis);
  if (stored && rank === 1 && size !== undefined) {
    const places = stored.map((i) => (i < 0 ? i + size : i));
    if (new Set(places).size === places.length) return fromDistinct(g, dy, places, size, axis);
  }
  return fromRows(g, dy, x, indices, axis, rank);
}

/** A constant index: zeros on both sides, which is a copy where scattering would also transpose. */
function fromOne(g: Tape, dy: Value, x: Value, index: number, axis: number): Value {
  const size = span(g, x, axis, axis + 1);
  const pads =
    index < 0
      ? [integers(g, 'Add', size, g.ints([index])), g.ints([-index - 1])]
      : [g.ints([index]), integers(g, 'Sub', size, g.ints([index + 1]))];
  return g.op('Pad', [dy, joined(g, pads), null, g.ints([axis])]);
}

/** Constant indices without repetition: a Gather the other way, from one more row of zeros where some are missing. */
function fromDistinct(g: Tape, dy: Value, places: readonly number[], size: number, axis: number): Value {
  const back = Array<number>(size).fill(places.length);
  places.forEach((place, i) => {
    back[place] = i;
  });
  const isWhole = places.length === size;
  const from = isWhole ? dy : g.op('Pad', [dy, g.ints([0, 1]), null, g.ints([axis])]);
  return g.op('Gather', [from, g.ints(back)], { axis });
}

/** Rows are added up where their index points: ScatterND, three times as fast as ScatterElements for embeddings. */
function fromRows(g: Tape, dy: Value, x: Value, indices: Value, axis: number, rank: number): Value {
  const axes = Array.from({ length: g.rank(x) - 1 + rank }, (_, i) => i);
  const rows = axes.slice(axis, axis + rank);
  const rest = axes.filter((i) => !rows.includes(i));
  const at = g.unsqueeze(indices, [-1]);
  const put = (onto: Value, updates: Value): Value => g.op('ScatterND', [onto, at, updates], { reduction: 'add' });
  if (axis === 0) return g.scattered(x, (onto) => put(onto, dy));
  const shape = joined(g, [span(g, x, axis, axis + 1), span(g, x, 0, axis), span(g, x, axis + 1)]);
  const sum = put(zeros(g, x, shape), g.transpose(dy, [...rows, ...rest]));
  const order = Array.from({ length: g.rank(x) }, (_, i) => (i === axis ? 0 : i < axis ? i + 1 : i));
  return g.transpose(sum, order);
}

/**
 * The cotangent of `x` given `dy`, that of an op that only picks elements of it: `pick` does the same to the elements' places.
 * @param isRepeating whether an element can be picked more than once
 */
export function fromPlaces(g: Tape, dy: Value, x: Value, pick: (places: Value) => Value, isRepeating: boolean): Value {
  const sizes = g.sizes(x);
  const count = sizes
    ? g.ints([sizes.reduce((product, size) => product * size, 1)])
    : g.reshape(g.op('Size', [x]), [1]);
  const places = g.reshapeAs(upTo(g, count), x);
  const from = g.reshape(pick(places), [-1]);
  const reduction = isRepeating ? 'add' : undefined;
  const sum = g.op('ScatterElements', [zeros(g, x, count), from, g.reshape(dy, [-1])], { axis: 0, reduction });
  return g.reshapeAs(sum, x);
}
