/**
 * Gradients of recurrent layers. Y holds every state, so that all gates of all steps come from two large products; only the
 * cotangent of the state runs back step by step, with factors that are ready, and one product a step. Those of the weights
 * are large products again.
 */
import { type UserError, unsupported } from '../errors.js';
import { describe, floatAttr, intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { tensor } from '../tensor/tensor.js';
import { type Activation, activationsOf, clipped } from './activations-of-gates.js';
import type { OpDef } from './op.js';
import { type Lengths, lengthsOf } from './recurrent-lengths.js';
import type { Tape } from './tape.js';

/** One direction of a layer: what its steps read and made. Sequences are [steps, batch, ...]. */
export interface Direction {
  readonly isReversed: boolean;
  readonly hidden: number;
  /** gates * hidden */
  readonly width: number;
  readonly activations: readonly Activation[];
  readonly x: Value;
  /** [gates * hidden, inputs] */
  readonly w: Value;
  /** [gates * hidden, hidden] */
  readonly r: Value;
  /** Those of the input and of the state, each [gates * hidden], null without a bias. */
  readonly biases: readonly [Value, Value] | null;
  /** The state as it entered each step. */
  readonly before: Value;
  /** LSTM: [batch, hidden] and [3 * hidden]. */
  readonly initialCell: Value;
  readonly peepholes: Value | null;
  /** Cotangents: of the state and the cell that leave the last step, and of the state that entered each step (null where none arrived). */
  readonly dLast: Value;
  readonly dLastCell: Value;
  readonly dBefore: Value | null;
  /** LSTM whose rows end at steps of their own: of the cell that left each step, from what arrived at the last cells. */
  readonly dCells: Value | null;
  readonly node: Node;
}

/** Cotangents of one direction, in the shapes that `Direction` has. */
export interface DirectionGradient {
  readonly x: Value;
  readonly w: Value;
  readonly r: Value;
  readonly biases: Value;
  readonly initial: Value;
  readonly initialCell?: Value;
  readonly peepholes?: Value | null;
}

/** @param back the gradient of one direction; @param defaults the activations of one direction */
export const recurrent =
  (defaults: readonly string[], back: (g: Tape, layer: Direction) => DirectionGradient): NonNullable<OpDef['vjp']> =>
  (g, dy, node) => {
    const kind = stringAttr(node, 'direction', 'forward');
    const count = kind === 'bidirectional' ? 2 : 1;
    const activations = activationsOf(node, count, defaults).map((each) => bounded(node, each));
    const y = node.outputs[0] ?? (g.ops(node.op, node.inputs, 1, node.attrs)[0] as Value);
    const lengths = lengthsOf(g, node);
    const results = Array.from({ length: count }, (_, i) => {
      const isReversed = kind === 'reverse' || i === 1;
      const layer = directionOf(g, node, dy, y, i, isReversed, activations[i] as Activation[], lengths);
      const found = back(g, layer);
      return lengths && isReversed ? { ...found, x: lengths.reversed(found.x) } : found;
    });
    const stacked = (part: (each: DirectionGradient) => Value | null | undefined): Value | null => {
      const values = results.map((each) => part(each) ?? null);
      if (values.some((value) => value === null)) return null;
      const lifted = (values as Value[]).map((value) => g.unsqueeze(value, [0]));
      return lifted.length === 1 ? (lifted[0] as Value) : g.concat(lifted, 0);
    };
    const dx = results.map((each) => each.x).reduce((a, b) => g.add(a, b));
    const has = (i: number): boolean => node.inputs[i] !== null && node.inputs[i] !== undefined;
    return [
      dx,
      stacked(({ w }) => w),
      stacked(({ r }) => r),
      has(3) ? stacked(({ biases }) => biases) : null,
      null,
      has(5) ? stacked(({ initial }) => initial) : null,
      has(6) ? stacked(({ initialCell }) => initialCell) : null,
      has(7) ? stacked(({ peepholes }) => peepholes) : null,
    ];
  };

/** Sums of gates are clipped, but not the cell before its activation, which comes third. */
const bounded = (node: Node, activations: readonly Activation[]): readonly Activation[] => {
  const limit = floatAttr(node, 'clip', 0);
  return limit > 0 ? activations.map((each, i) => (i < 2 ? clipped(each, limit) : each)) : activations;
};

/** The runtime does not even load recurrent nodes of batches first: they are named before it is asked for types. */
export const layoutRefusal = (node: Node): UserError | undefined =>
  Object.hasOwn(gates, node.op) && intAttr(node, 'layout', 0) !== 0
    ? unsupported(describe(node), 'expected layout 0, got 1, which the runtime does not compute; transpose')
    : undefined;

/** Rows with ends of their own run backwards from there, so they are turned around first and then run forwards. */
function directionOf(
  g: Tape,
  node: Node,
  [dY, dLast, dLastCell]: readonly (Value | null)[],
  y: Value,
  i: number,
  isReversed: boolean,
  activations: readonly Activation[],
  lengths: Lengths | null,
): Direction {
  const [x, w, r, b, , initial, initialCell, peepholes] = node.inputs as readonly (Value | null | undefined)[];
  const hidden = intAttr(node, 'hidden_size', g.size(r as Value, 2) ?? 0);
  const rows = (gates[node.op] as number) * hidden;
  const isOnly = stringAttr(node, 'direction', 'forward') !== 'bidirectional';
  // without a second direction nothing needs copying
  const pick = (value: Value, axis: number): Value =>
    isOnly ? g.squeeze(value, [axis]) : g.op('Gather', [value, g.constant(index(i))], { axis });
  const turned = (value: Value): Value => (lengths && isReversed ? lengths.reversed(value) : value);
  const states = turned(pick(y, 1));
  const zeros = g.op('Expand', [g.scalar(0), g.op('Shape', [states], { start: 1 })]);
  const bias = b ? pick(b, 0) : null;
  const toStates = dY ? turned(pick(dY, 1)) : null;
  const toLast = dLast ? pick(dLast, 0) : null;
  const toLastCell = dLastCell ? pick(dLastCell, 0) : null;
  const dStates = lengths ? ending(g, toStates, toLast, lengths) : toStates;
  const ofLast = lengths ? null : toLast;
  const isBackwards = isReversed && !lengths;
  const fromLast =
    dStates && g.squeeze(isBackwards ? g.slice(dStates, [0], [1], [0]) : g.slice(dStates, [-1], [end], [0]), [0]);
  return {
    node,
    isReversed: isBackwards,
    hidden,
    width: rows,
    activations,
    x: turned(x as Value),
    w: pick(w as Value, 0),
    r: pick(r as Value, 0),
    biases: bias && [g.slice(bias, [0], [rows], [0]), g.slice(bias, [rows], [2 * rows], [0])],
    before: entering(g, states, initial ? pick(initial, 0) : zeros, isBackwards),
    initialCell: initialCell ? pick(initialCell, 0) : zeros,
    peepholes: peepholes ? pick(peepholes, 0) : null,
    dLast: fromLast && ofLast ? g.add(fromLast, ofLast) : (fromLast ?? ofLast ?? zeros),
    dLastCell: toLastCell && !lengths ? toLastCell : zeros,
    dBefore: dStates && entering(g, dStates, zeros, isBackwards),
    dCells: lengths && toLastCell && lengths.atEnd(toLastCell),
  };
}

/** The cotangent of all states, with that of the last one where each row ends. */
function ending(g: Tape, dStates: Value | null, dLast: Value | null, lengths: Lengths): Value | null {
  const within = dStates && lengths.within(dStates);
  const last = dLast && lengths.atEnd(dLast);
  return within && last ? g.add(within, last) : (within ?? last);
}

/** What leaves each step, [steps, batch, hidden], as it enters the next one; `start` enters the first. */
export function entering(g: Tape, leaving: Value, start: Value, isReversed: boolean): Value {
  const first = g.unsqueeze(start, [0]);
  return isReversed
    ? g.concat([g.slice(leaving, [1], [end], [0]), first], 0)
    : g.concat([first, g.slice(leaving, [0], [-1], [0])], 0);
}

const gates: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };

const end = Number.MAX_SAFE_INTEGER;

const index = (i: number) => tensor('int64', [], BigInt64Array.of(BigInt(i)));
