/**
 * Gradients of recurrent layers. Y holds every state, so that all gates of all steps come from two large products; only the
 * cotangent of the state runs back step by step, with factors that are ready, and one product a step. Those of the weights
 * are large products again.
 */
import { unsupported } from '../errors.js';
import { describe, intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { dataOf, tensor } from '../tensor/tensor.js';
import { type Activation, activationsOf } from './activations-of-gates.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

/** One direction of a layer: what its steps read and made. Sequences are [steps, batch, ...]. */
export interface Direction {
  readonly isReversed: boolean;
  readonly hidden: number;
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
  /** Cotangents: of all states (null where none arrived), of the last state and the last cell. */
  readonly dStates: Value;
  readonly dLast: Value;
  readonly dLastCell: Value;
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
    checkSupported(g, node);
    const kind = stringAttr(node, 'direction', 'forward');
    const count = kind === 'bidirectional' ? 2 : 1;
    const activations = activationsOf(node, count, defaults);
    const y = node.outputs[0] ?? (g.ops(node.op, node.inputs, 1, node.attrs)[0] as Value);
    const results = Array.from({ length: count }, (_, i) =>
      back(g, directionOf(g, node, dy, y, i, kind === 'reverse' || i === 1, activations[i] as Activation[])),
    );
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

function checkSupported(g: Tape, node: Node): void {
  const refuse = (what: string): never => {
    throw unsupported(describe(node), what);
  };
  if (intAttr(node, 'layout', 0) !== 0)
    refuse('expected layout 0, got 1, which the runtime does not compute; transpose');
  if (node.attrs.clip) refuse('its gradient with the attribute clip is not known; export without clip');
  const lengths = node.inputs[4];
  const stored = g.tensorOf(lengths);
  const steps = g.size(node.inputs[0] as Value, 0);
  const isWhole = stored !== undefined && Array.from(dataOf(stored), Number).every((length) => length === steps);
  if (lengths && !isWhole) refuse('its gradient with sequence_lens is not known; export without lengths');
}

function directionOf(
  g: Tape,
  node: Node,
  [dY, dLast, dLastCell]: readonly (Value | null)[],
  y: Value,
  i: number,
  isReversed: boolean,
  activations: readonly Activation[],
): Direction {
  const [x, w, r, b, , initial, initialCell, peepholes] = node.inputs as readonly (Value | null | undefined)[];
  const hidden = intAttr(node, 'hidden_size', g.size(r as Value, 2) ?? 0);
  const rows = (gates[node.op] as number) * hidden;
  const pick = (value: Value, axis: number): Value => g.op('Gather', [value, g.constant(index(i))], { axis });
  const states = pick(y, 1);
  const zeros = g.op('Expand', [g.scalar(0), g.op('Shape', [states], { start: 1 })]);
  const start = g.unsqueeze(initial ? pick(initial, 0) : zeros, [0]);
  const bias = b ? pick(b, 0) : null;
  return {
    node,
    isReversed,
    hidden,
    activations,
    x: x as Value,
    w: pick(w as Value, 0),
    r: pick(r as Value, 0),
    biases: bias && [g.slice(bias, [0], [rows], [0]), g.slice(bias, [rows], [2 * rows], [0])],
    before: isReversed
      ? g.concat([g.slice(states, [1], [end], [0]), start], 0)
      : g.concat([start, g.slice(states, [0], [-1], [0])], 0),
    initialCell: initialCell ? pick(initialCell, 0) : zeros,
    peepholes: peepholes ? pick(peepholes, 0) : null,
    dStates: dY ? pick(dY, 1) : g.op('Expand', [g.scalar(0), g.op('Shape', [states])]),
    dLast: dLast ? pick(dLast, 0) : zeros,
    dLastCell: dLastCell ? pick(dLastCell, 0) : zeros,
  };
}

const gates: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };

const end = Number.MAX_SAFE_INTEGER;

const index = (i: number) => tensor('int64', [], BigInt64Array.of(BigInt(i)));
