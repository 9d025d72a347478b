/** Recurrent layers: W multiplies the input, R the hidden state of the step before; all gates are rows, directions are stacks. */
import { intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { Builder } from './builder.js';
import { recurrent as gated } from './flow-recurrent.js';
import type { MatrixLayout } from './layout.js';
import type { OpDef, WeightContext, WeightSlot } from './op.js';
import { gruBack, rnnBack } from './recurrent-cells.js';
import { recurrent } from './recurrent-gradient.js';
import { lstmBack } from './recurrent-lstm.js';

/**
 * The columns of R are the states that enter each step: the initial one and the output of every step but the last,
 * per direction. With `sequence_lens`, steps beyond a sequence's end count too (their state is zero, but for one).
 */
export const LSTM: OpDef = { flow: gated(4), weights: slots, vjp: recurrent(['Sigmoid', 'Tanh', 'Tanh'], lstmBack) };

/**
 * As LSTM. With `linear_before_reset` = 0 the candidate's rows of R multiply the state times the reset gate, which
 * stays inside the node: they are observed over the plain state, which is an upper bound of it.
 */
export const GRU: OpDef = { flow: gated(3), weights: slots, vjp: recurrent(['Sigmoid', 'Tanh'], gruBack) };

/** As LSTM. */
export const RNN: OpDef = { flow: gated(1), weights: slots, vjp: recurrent(['Tanh'], rnnBack) };

function slots(node: Node, { isConstant }: WeightContext): WeightSlot[] {
  return [inputSlot(node), stateSlot(node)].filter(({ input }) => isConstant(node.inputs[input] as Value));
}

function inputSlot(node: Node): WeightSlot {
  const data = node.inputs[0] as Value;
  return {
    input: 1,
    data,
    key: () => (isBoth(node) ? `rows of ${data.name} for both directions` : `rows of ${data.name}`),
    matrix: gateRows,
    columns: (g, shape) => {
      const rows = g.reshape(data, [1, -1, shape[2]!]);
      return isBoth(node) ? g.concat([rows, rows], 0) : rows;
    },
  };
}

function stateSlot(node: Node): WeightSlot {
  return {
    input: 2,
    data: node.outputs[0] ?? null,
    key: () => `states of ${(node.outputs.find((output) => output) as Value).name}`,
    matrix: gateRows,
    columns: (g, shape) => {
      const states = statesOf(g, node);
      const initial = initialOf(g, node, states);
      const before = directionsOf(node).map((direction, i) =>
        g.reshape(previous(g, pick(g, node, states, i), pick(g, node, initial, i), direction), [1, -1, shape[2]!]),
      );
      return before.length === 1 ? (before[0] as Value) : g.concat(before, 0);
    },
  };
}

/** W [directions, gates * hidden, inputs] or R [directions, gates * hidden, hidden]. */
function gateRows(shape: readonly number[]): MatrixLayout | string {
  if (shape.length !== 3) return `its weight of shape [${shape}] should have 3 axes`;
  const [stacks, rows, columns] = shape as [number, number, number];
  return { view: shape, perm: [0, 1, 2], stacks, rows, columns };
}

/** Y as [steps, directions, batch, hidden]; a node that does not output it is run a second time. */
function statesOf(g: Builder, node: Node): Value {
  const states = node.outputs[0] ?? (g.ops(node.op, node.inputs, 1, node.attrs, node.domain)[0] as Value);
  return isBatchFirst(node) ? g.transpose(states, [1, 2, 0, 3]) : states;
}

/** The initial state as [1, directions, batch, hidden]; zeros where the node is given none. */
function initialOf(g: Builder, node: Node, states: Value): Value {
  const given = node.inputs[5];
  if (given) return g.unsqueeze(isBatchFirst(node) ? g.transpose(given, [1, 0, 2]) : given, [0]);
  const first = g.slice(states, [0], [1], [0]);
  return g.sub(first, first);
}

const pick = (g: Builder, node: Node, states: Value, direction: number): Value =>
  isBoth(node) ? g.slice(states, [direction], [direction + 1], [1]) : states;

const end = Number.MAX_SAFE_INTEGER;

function previous(g: Builder, states: Value, initial: Value, direction: 'forward' | 'reverse'): Value {
  return direction === 'forward'
    ? g.concat([initial, g.slice(states, [0], [-1], [0])], 0)
    : g.concat([g.slice(states, [1], [end], [0]), initial], 0);
}

function directionsOf(node: Node): readonly ('forward' | 'reverse')[] {
  if (isBoth(node)) return ['forward', 'reverse'];
  return [stringAttr(node, 'direction', 'forward') === 'reverse' ? 'reverse' : 'forward'];
}

const isBoth = (node: Node): boolean => stringAttr(node, 'direction', 'forward') === 'bidirectional';

const isBatchFirst = (node: Node): boolean => intAttr(node, 'layout', 0) === 1;
