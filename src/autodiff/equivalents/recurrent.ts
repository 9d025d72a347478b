/** Recurrent layers in float64, step by step: whole sequences, layout 0, the usual activations. */
import { unsupported } from '../../errors.js';
import { describe, intAttr, stringAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import { emitScan } from '../../ops/emit-scan.js';
import { integersOf } from '../../ops/sizes.js';
import type { Tape } from '../../ops/tape.js';
import { scalar } from '../../tensor/tensor.js';
import { type Equivalent, fixedSizes, upTo } from './equivalent.js';

/** One direction: its weights, transposed, and what its steps need beside the state. */
interface Layer {
  readonly hidden: number;
  /** [hidden, gates * hidden] */
  readonly r: Value;
  /** [gates * hidden] */
  readonly bias: Value | null;
  /** [3 * hidden], of an LSTM. */
  readonly peepholes: Value | null;
  readonly isLinearFirst: boolean;
  readonly activations: readonly ((t: Tape, x: Value) => Value)[];
}

/** The states after a step. @param sums x W + b of the step, [batch, gates * hidden] */
type Cell = (t: Tape, layer: Layer, sums: Value, states: readonly Value[]) => readonly Value[];

const rnn: Cell = (t, layer, sums, [h]) => [layer.activations[0]!(t, t.add(sums, fromState(t, layer, h as Value)))];

const gru: Cell = (t, layer, sums, [h]) => {
  const [f, n] = layer.activations as [Layer['activations'][0], Layer['activations'][0]];
  const state = h as Value;
  const recurrent = fromState(t, layer, state);
  const gates = f(t, t.add(rows(t, layer, sums, 0, 2), rows(t, layer, recurrent, 0, 2)));
  const [update, reset] = [rows(t, layer, gates, 0), rows(t, layer, gates, 1)];
  const weight = rows(t, layer, layer.r, 2);
  const plain = t.matmul(t.mul(reset, state), weight);
  const before = layer.isLinearFirst
    ? t.mul(reset, rows(t, layer, recurrent, 2))
    : layer.bias
      ? t.add(plain, t.slice(layer.bias, [2 * layer.hidden], [3 * layer.hidden], [0]))
      : plain;
  const candidate = n(t, t.add(rows(t, layer, sums, 2), before));
  return [t.add(candidate, t.mul(update, t.sub(state, candidate)))];
};

const lstm: Cell = (t, layer, sums, [h, c]) => {
  const [f, g, last] = layer.activations as [Layer['activations'][0], Layer['activations'][0], Layer['activations'][0]];
  const all = t.add(sums, fromState(t, layer, h as Value));
  const gate = (i: number, peephole: number, cell: Value): Value => {
    const sum = rows(t, layer, all, i);
    const { peepholes, hidden } = layer;
    const part = peepholes && t.slice(peepholes, [peephole * hidden], [(peephole + 1) * hidden], [0]);
    return f(t, part ? t.add(sum, t.mul(part, cell)) : sum);
  };
  const entering = t.mul(gate(0, 0, c as Value), g(t, rows(t, layer, all, 3)));
  const cell = t.add(t.mul(gate(2, 2, c as Value), c as Value), entering);
  return [t.mul(gate(1, 1, cell), last(t, cell)), cell];
};

const fromState = (t: Tape, { r, bias }: Layer, h: Value): Value => {
  const product = t.matmul(h, r);
  return bias ? t.add(product, bias) : product;
};

/** Columns of the gates `from` to before `to`. */
const rows = (t: Tape, { hidden }: Layer, x: Value, from: number, to = from + 1): Value =>
  t.slice(x, [from * hidden], [to * hidden], [1]);

const layers =
  (cell: Cell, gates: number, states: number, defaults: readonly string[]): Equivalent =>
  (g, node) => {
    checkSupported(g, node);
    const [x, w, r, b, , h, c, p] = node.inputs as readonly (Value | null | undefined)[];
    const [, batch] = fixedSizes(g, x as Value, node) as [number, number];
    const hidden = fixedSizes(g, r as Value, node)[2] as number;
    const kind = stringAttr(node, 'direction', 'forward');
    const count = kind === 'bidirectional' ? 2 : 1;
    const names = namesOf(node) ?? upTo(count).flatMap(() => defaults);
    const runs = upTo(count).map((i) => {
      const pick = (value: Value): Value => g.squeeze(g.slice(value, [i], [i + 1], [0]), [0]);
      const bias = b ? pick(b) : null;
      const [onInput, onState] = [0, gates].map(
        (gate) => bias && g.slice(bias, [gate * hidden], [(gate + gates) * hidden], [0]),
      );
      const layer: Layer = {
        hidden,
        r: g.transpose(pick(r as Value), [1, 0]),
        bias: onState ?? null,
        peepholes: p ? pick(p) : null,
        isLinearFirst: intAttr(node, 'linear_before_reset', 0) !== 0,
        activations: names
          .slice(i * defaults.length, (i + 1) * defaults.length)
          .map((name) => activationOf(node, name)),
      };
      const product = g.matmul(x as Value, g.transpose(pick(w as Value), [1, 0]));
      const start = [h, c].slice(0, states).map((given) => (given ? pick(given) : zeros(g, batch, hidden)));
      const isReversed = kind === 'reverse' || i === 1;
      return emitScan(
        g,
        start,
        [{ value: onInput ? g.add(product, onInput) : product, isReversed }],
        [{ isReversed }],
        (t, before, [sums]) => {
          const after = cell(t, layer, sums as Value, before);
          return { states: after, outputs: [after[0] as Value] };
        },
      );
    });
    const stacked = (at: number, axis: number): Value =>
      g.concat(
        runs.map((run) => g.unsqueeze(run[at] as Value, [axis])),
        axis,
      );
    return [stacked(states, 1), ...upTo(states).map((i) => stacked(i, 0))];
  };

export const RNN = layers(rnn, 1, 1, ['Tanh']);
export const GRU = layers(gru, 3, 1, ['Sigmoid', 'Tanh']);
export const LSTM = layers(lstm, 4, 2, ['Sigmoid', 'Tanh', 'Tanh']);

const zeros = (g: Tape, ...shape: number[]): Value => g.op('Expand', [g.constant(scalar(0, 'float64')), g.ints(shape)]);

function namesOf(node: Node): string[] | undefined {
  const listed = node.attrs.activations;
  return listed?.kind === 'strings' ? listed.value.map((bytes) => new TextDecoder().decode(bytes)) : undefined;
}

function activationOf(node: Node, name: string): Layer['activations'][0] {
  const op = ['Sigmoid', 'Tanh', 'Relu'].find((known) => known.toLowerCase() === name.toLowerCase());
  if (!op) throw unsupported(describe(node), `expected Sigmoid, Tanh or Relu in float64, got ${name}`);
  return (t, x) => t.op(op, [x]);
}

function checkSupported(g: Tape, node: Node): void {
  const lengths = node.inputs[4];
  const steps = g.size(node.inputs[0] as Value, 0);
  const isWhole = !lengths || integersOf(g, lengths)?.every((length) => length === steps);
  if (isWhole && !node.attrs.clip && intAttr(node, 'layout', 0) === 0 && intAttr(node, 'input_forget', 0) === 0) return;
  throw unsupported(describe(node), 'expected whole sequences, layout 0 and no clip or input_forget in float64');
}
