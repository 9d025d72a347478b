/** Which elements along one axis a sample of GridSample reads, with what weight, as ONNX defines it. */
import { stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { Tape } from './tape.js';

export interface Tap {
  /** int64 [samples, 1], within the axis. */
  readonly place: Value;
  /** [samples, 1]; 0 where nothing is read. */
  readonly weight: Value;
  /** The derivative of the weight by the grid's coordinate. */
  readonly slope: Value;
}

export interface GridAxis {
  /** A value in the grid's element type. */
  readonly like: Value;
  /** int64 [1]. */
  readonly size: Value;
  readonly isCornered: boolean;
  readonly node: Node;
}

interface Bounds {
  readonly low: Value;
  readonly high: Value;
  readonly last: Value;
  readonly padding: string;
  readonly like: Value;
}

interface Located {
  readonly at: Value;
  readonly slope: Value;
}

/** The taps of coordinates in [-1, 1], given as [samples, 1]. */
export function tapsOf(g: Tape, coordinates: Value, { like, size, isCornered, node }: GridAxis): readonly Tap[] {
  const n = g.cast(size, g.dtype(like));
  const [one, half] = [g.num(like, 1), g.num(like, 0.5)];
  const last = g.sub(n, one);
  const padding = stringAttr(node, 'padding_mode', 'zeros');
  const bounds: Bounds = isCornered
    ? { low: g.num(like, 0), high: last, last, padding, like }
    : { low: g.num(like, -0.5), high: g.sub(n, half), last, padding, like };
  const scale = g.mul(isCornered ? last : n, half);
  const free = g.add(g.mul(coordinates, scale), g.mul(last, half));
  const mode = stringAttr(node, 'mode', 'linear');
  if (mode === 'nearest') return [tapAt(g, padded(g, g.op('Round', [free]), bounds).at, one, one, bounds)];
  // a cubic sample stays where it is: only what it reads is padded
  const isCubic = mode === 'cubic';
  const { at, slope } = isCubic ? { at: free, slope: one } : padded(g, free, bounds);
  const floor = g.op('Floor', [at]);
  const kernel = isCubic ? cubic : linear;
  const toGrid = g.mul(slope, scale);
  return kernel(g, g.sub(at, floor), like).map(({ offset, weight, slope: own }) =>
    tapAt(g, g.add(floor, g.num(like, offset)), weight, g.mul(own, toGrid), bounds),
  );
}

/** Coordinates outside brought back as the padding says. On a reflection's kink the slope is that of the outer side. */
function padded(g: Tape, at: Value, bounds: Bounds): Located {
  const { low, high, last, padding, like } = bounds;
  const one = g.num(like, 1);
  if (padding === 'zeros') return { at, slope: one };
  const isInside = g.op('And', [g.op('GreaterOrEqual', [at, low]), g.op('LessOrEqual', [at, high])]);
  const inside = g.cast(isInside, g.dtype(like));
  if (padding === 'border') {
    return { at: g.op('Where', [isInside, at, clipped(g, at, last, like)]), slope: inside };
  }
  const back = reflected(g, at, bounds);
  const slope = g.add(inside, g.mul(g.sub(one, inside), back.slope));
  return { at: g.op('Where', [isInside, at, back.at]), slope };
}

/** Folded at both bounds as often as it takes. */
function reflected(g: Tape, at: Value, { low, high, like }: Bounds): Located {
  // an axis of one element has no width to fold; its places are clipped in any case
  const width = g.op('Max', [g.sub(high, low), g.num(like, 0.5)]);
  const along = g.sub(at, low);
  const folds = g.op('Floor', [g.div(along, width)]);
  const rest = g.sub(along, g.mul(folds, width));
  const two = g.num(like, 2);
  const isOdd = g.sub(folds, g.mul(two, g.op('Floor', [g.div(folds, two)])));
  const [up, down] = [g.add(low, rest), g.sub(high, rest)];
  return { at: g.add(up, g.mul(isOdd, g.sub(down, up))), slope: g.sub(g.num(like, 1), g.mul(two, isOdd)) };
}

const clipped = (g: Tape, at: Value, last: Value, like: Value): Value =>
  g.op('Min', [g.op('Max', [at, g.num(like, 0)]), last]);

/** A tap at a whole place, which padding may move inside or, with zeros, cancel. */
function tapAt(g: Tape, at: Value, weight: Value, slope: Value, bounds: Bounds): Tap {
  const { last, padding, like } = bounds;
  const moved = padding === 'reflection' ? padded(g, at, bounds).at : at;
  const place = clipped(g, moved, last, like);
  const whole = g.cast(place, 'int64');
  if (padding !== 'zeros') return { place: whole, weight, slope };
  const isRead = g.cast(g.op('Equal', [place, moved]), g.dtype(like));
  return { place: whole, weight: g.mul(weight, isRead), slope: g.mul(slope, isRead) };
}

interface Weight {
  readonly offset: number;
  readonly weight: Value;
  readonly slope: Value;
}

const linear = (g: Tape, t: Value, like: Value): readonly Weight[] => [
  { offset: 0, weight: g.sub(g.num(like, 1), t), slope: g.num(like, -1) },
  { offset: 1, weight: t, slope: g.num(like, 1) },
];

// Keys' kernel for distances below 1 and from 1 to 2, from the highest power down
const a = -0.75;
const inner = [a + 2, -(a + 3), 0, 1];
const outer = [a, -5 * a, 8 * a, -4 * a];

function cubic(g: Tape, t: Value, like: Value): readonly Weight[] {
  const one = g.num(like, 1);
  const rest = g.sub(one, t);
  const taps: readonly (readonly [number, Value, readonly number[], number])[] = [
    [-1, g.add(t, one), outer, 1],
    [0, t, inner, 1],
    [1, rest, inner, -1],
    [2, g.add(rest, one), outer, -1],
  ];
  return taps.map(([offset, distance, powers, sign]) => {
    const slopes = powers.slice(0, -1).map((factor, i) => factor * (powers.length - 1 - i) * sign);
    return { offset, weight: polynomial(g, distance, powers, like), slope: polynomial(g, distance, slopes, like) };
  });
}

/** Horner's scheme. */
function polynomial(g: Tape, x: Value, [first, ...rest]: readonly number[], like: Value): Value {
  return rest.reduce((sum, factor) => g.add(g.mul(sum, x), g.num(like, factor)), g.num(like, first!));
}
