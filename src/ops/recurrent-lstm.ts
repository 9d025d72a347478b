/** The LSTM cell, backwards. */
import { intAttr } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import type { Activation } from './activations-of-gates.js';
import { emitScan } from './emit-scan.js';
import { type Direction, type DirectionGradient, entering } from './recurrent-gradient.js';
import { gateSums, part, stepsBack, weightsOf } from './recurrent-parts.js';
import type { Tape } from './tape.js';

/**
 * i, o, f = f(... + P c); c = f c' + i g(...); h = o h(c). P looks at c' for i and f, at c for o. The three gates stay one block
 * wherever they can, as small layers cost by the node.
 */
export function lstmBack(g: Tape, layer: Direction): DirectionGradient {
  const lstm = lstmOf(g, layer);
  const early = lstm.peepholes ? null : gatesOf(g, lstm, lstm.sums);
  const cells = early ? cellsOf(g, lstm, early) : cellsLooking(g, lstm);
  const before = entering(g, cells, layer.initialCell, layer.isReversed);
  const gates = early ?? gatesOf(g, lstm, g.add(lstm.sums, lookingAt(g, lstm, cells, before)));
  const { onCell, keep, factors } = factorsOf(g, lstm, gates, cells, before);
  const [initial, initialCell, dSums] = stepsBack(
    g,
    layer,
    [layer.dLast, layer.dLastCell],
    layer.dCells ? [onCell, keep, factors, layer.dCells] : [onCell, keep, factors],
    (t, toState, [dh, later], [shows, kept, factor, toCell]) => {
      const leaving = layer.dCells ? t.add(later as Value, toCell as Value) : (later as Value);
      const dc = t.add(leaving, t.mul(dh as Value, shows as Value));
      const d = t.mul(t.concat([dc, dh as Value, dc, dc], 1), factor as Value);
      return { states: [toState(d, layer.r), t.mul(dc, kept as Value)], outputs: [d] };
    },
  ) as [Value, Value, Value];
  const looked = (k: number, at: Value): Value =>
    g.reduceSum(g.mul(part(g, dSums, layer.hidden, k, k + 1), at), [0, 1]);
  return {
    ...weightsOf(g, layer, dSums, dSums, layer.before),
    initial,
    initialCell,
    peepholes: lstm.peepholes && g.concat([looked(0, before), looked(1, cells), looked(2, before)], 0),
  };
}

interface Lstm {
  readonly layer: Direction;
  readonly f: Activation;
  readonly cell: Activation;
  readonly out: Activation;
  /** Whether the forget gate is what the input gate leaves. */
  readonly isCoupled: boolean;
  /** Peepholes of the input, output and forget gates. */
  readonly peepholes: readonly [Value, Value, Value] | null;
  /** Of the three gates, before any peephole looks: [steps, batch, 3 * hidden]. */
  readonly sums: Value;
  /** The cell's input before and after its activation. */
  readonly inputSum: Value;
  readonly input: Value;
}

function lstmOf(g: Tape, layer: Direction): Lstm {
  const [f, cell, out] = layer.activations as [Activation, Activation, Activation];
  const { hidden, peepholes } = layer;
  const all = gateSums(g, layer);
  const inputSum = part(g, all, hidden, 3, 4);
  const look = (i: number): Value => g.slice(peepholes as Value, [i * hidden], [(i + 1) * hidden], [0]);
  return {
    layer,
    f,
    cell,
    out,
    isCoupled: intAttr(layer.node, 'input_forget', 0) !== 0,
    peepholes: peepholes && [look(0), look(1), look(2)],
    sums: part(g, all, hidden, 0, 3),
    inputSum,
    input: cell.apply(g, inputSum),
  };
}

interface Gates {
  readonly i: Value;
  readonly o: Value;
  readonly forget: Value;
  /** Slopes of the three, [steps, batch, 3 * hidden]. */
  readonly slopes: Value;
}

function gatesOf(g: Tape, { f, isCoupled }: Lstm, sums: Value): Gates {
  const all = f.apply(g, sums);
  const [i, o, forget] = g.ops('Split', [all], 3, { axis: 2, num_outputs: 3 }) as [Value, Value, Value];
  return { i, o, forget: isCoupled ? g.sub(g.scalar(1), i) : forget, slopes: f.slope(g, sums, all) };
}

/** The cells, as Y has the states only. */
function cellsOf(g: Tape, { layer, input }: Lstm, { i, forget }: Gates): Value {
  const lane = { isReversed: layer.isReversed };
  const sequences = [forget, g.mul(i, input)].map((value) => ({ value, ...lane }));
  return emitScan(g, [layer.initialCell], sequences, [lane], (t, [c], [kept, added]) => {
    const next = t.add(t.mul(kept as Value, c as Value), added as Value);
    return { states: [next], outputs: [next] };
  })[1] as Value;
}

/** The cells where the gates depend on them. */
function cellsLooking(g: Tape, { layer, f, isCoupled, peepholes, sums, input }: Lstm): Value {
  const lane = { isReversed: layer.isReversed };
  const [pi, , pf] = peepholes as readonly [Value, Value, Value];
  const gate = (at: number): Value => part(g, sums, layer.hidden, at, at + 1);
  const sequences = [gate(0), gate(2), input].map((value) => ({ value, ...lane }));
  return emitScan(g, [layer.initialCell], sequences, [lane], (t, [c], [iSum, fSum, z]) => {
    const opened = (sum: Value, peephole: Value): Value => f.apply(t, t.add(sum, t.mul(peephole, c as Value)));
    const i = opened(iSum as Value, pi);
    const forget = isCoupled ? t.sub(t.scalar(1), i) : opened(fSum as Value, pf);
    const next = t.add(t.mul(forget, c as Value), t.mul(i, z as Value));
    return { states: [next], outputs: [next] };
  })[1] as Value;
}

/** What the peepholes add to the sums of the three gates. */
function lookingAt(g: Tape, { peepholes }: Lstm, c: Value, before: Value): Value {
  const [pi, po, pf] = peepholes as readonly [Value, Value, Value];
  return g.concat([g.mul(pi, before), g.mul(po, c), g.mul(pf, before)], 2);
}

/** With dh and dc: dc += dh onCell; the cotangents of the sums are (dc, dh, dc, dc) factors; dc' = dc keep. */
function factorsOf(g: Tape, lstm: Lstm, { i, o, forget, slopes }: Gates, c: Value, before: Value) {
  const { layer, cell, out, isCoupled, peepholes, inputSum, input } = lstm;
  const shown = out.apply(g, c);
  const onInput = isCoupled ? g.sub(input, before) : input;
  const onForget = isCoupled ? g.mul(before, g.scalar(0)) : before;
  const slope = g.concat([slopes, cell.slope(g, inputSum, input)], 2);
  const factors = g.mul(g.concat([onInput, shown, onForget, i], 2), slope);
  const onCell = g.mul(o, out.slope(g, c, shown));
  if (!peepholes) return { onCell, keep: forget, factors };
  const [pi, po, pf] = peepholes;
  const through = (at: number, peephole: Value): Value => g.mul(part(g, factors, layer.hidden, at, at + 1), peephole);
  return { onCell: g.add(onCell, through(1, po)), keep: g.add(forget, g.add(through(0, pi), through(2, pf))), factors };
}
