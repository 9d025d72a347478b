/** The cells of recurrent layers, backwards. In the formulas h is the state, a sum of a gate before its activation z_. */
import { intAttr } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import type { Activation } from './activations-of-gates.js';
import { emitScan } from './emit-scan.js';
import type { Direction, DirectionGradient } from './recurrent-gradient.js';
import type { Tape } from './tape.js';

/** h = f(x W + h' R + b) */
export function rnnBack(g: Tape, layer: Direction): DirectionGradient {
  const [f] = layer.activations as [Activation];
  const sums = g.add(sumsOf(g, layer, layer.x, layer.w, 0), sumsOf(g, layer, layer.before, layer.r, 1));
  const slope = f.slope(g, sums, f.apply(g, sums));
  const [initial, dSums] = emitScan(
    g,
    [layer.dLast],
    [layer.dStates, slope].map((value) => ({ value, isReversed: !layer.isReversed })),
    [{ isReversed: !layer.isReversed }],
    (t, [dh], [dy, factor]) => {
      const d = t.mul(t.add(dy as Value, dh as Value), factor as Value);
      return { states: [t.matmul(d, layer.r)], outputs: [d] };
    },
  ) as [Value, Value];
  return { ...weightsOf(g, layer, dSums, dSums, layer.before), initial };
}

/** z, r = f(...); n = g(x Wn + r (h' Rn + bn) + b) or g(x Wn + (r h') Rn + b); h = (1 - z) n + z h' */
export function gruBack(g: Tape, layer: Direction): DirectionGradient {
  const [f, h] = layer.activations as [Activation, Activation];
  const { before, hidden, r: weight } = layer;
  const isLinearFirst = intAttr(layer.node, 'linear_before_reset', 0) !== 0;
  const gate = (value: Value, from: number, to = from + 1): Value => part(g, value, hidden, from, to);
  const fromX = sumsOf(g, layer, layer.x, layer.w, 0);
  const fromState = sumsOf(g, layer, before, weight, 1);
  const gatesSum = g.add(gate(fromX, 0, 2), gate(fromState, 0, 2));
  const gates = f.apply(g, gatesSum);
  const slopes = f.slope(g, gatesSum, gates);
  const [update, reset] = [gate(gates, 0), gate(gates, 1)];
  const resetState = g.mul(reset, before);
  const candidateWeight = rows(g, weight, hidden, 2, 3);
  const linear = gate(fromState, 2);
  const candidateFromState = isLinearFirst
    ? g.mul(reset, linear)
    : addBias(g, g.matmul(resetState, g.transpose(candidateWeight, [1, 0])), layer.biases && biasRows(g, layer, 2));
  const candidateSum = g.add(gate(fromX, 2), candidateFromState);
  const candidate = h.apply(g, candidateSum);
  const one = g.scalar(1);
  const onUpdate = g.mul(g.sub(before, candidate), gate(slopes, 0));
  const onCandidate = g.mul(g.sub(one, update), h.slope(g, candidateSum, candidate));
  const lane = { isReversed: !layer.isReversed };
  const read = (...values: Value[]) => values.map((value) => ({ value, ...lane }));
  if (isLinearFirst) {
    // the cotangents of all three sums of the state are multiples of dh
    const onReset = g.mul(g.mul(onCandidate, linear), gate(slopes, 1));
    const factors = g.concat([onUpdate, onReset, g.mul(onCandidate, reset)], 2);
    const [initial, dh, dState] = emitScan(
      g,
      [layer.dLast],
      read(layer.dStates, factors, update),
      [lane, lane],
      (t, [later], [dy, factor, keep]) => {
        const d = t.add(dy as Value, later as Value);
        const dSums = t.mul(t.concat([d, d, d], 1), factor as Value);
        return { states: [t.add(t.mul(d, keep as Value), t.matmul(dSums, weight))], outputs: [d, dSums] };
      },
    ) as [Value, Value, Value];
    const dSums = g.concat([gate(dState, 0, 2), g.mul(dh, onCandidate)], 2);
    return { ...weightsOf(g, layer, dSums, dState, before), initial };
  }
  const gateWeight = rows(g, weight, hidden, 0, 2);
  const onReset = g.mul(before, gate(slopes, 1));
  const [initial, dSums] = emitScan(
    g,
    [layer.dLast],
    read(layer.dStates, onUpdate, onCandidate, onReset, reset, update),
    [lane],
    (t, [later], [dy, forUpdate, forCandidate, forReset, opened, keep]) => {
      const d = t.add(dy as Value, later as Value);
      const dCandidate = t.mul(d, forCandidate as Value);
      const dResetState = t.matmul(dCandidate, candidateWeight);
      const dGates = t.concat([t.mul(d, forUpdate as Value), t.mul(dResetState, forReset as Value)], 1);
      const through = t.add(t.mul(d, keep as Value), t.mul(dResetState, opened as Value));
      return { states: [t.add(through, t.matmul(dGates, gateWeight))], outputs: [t.concat([dGates, dCandidate], 1)] };
    },
  ) as [Value, Value];
  const all = weightsOf(g, layer, dSums, dSums, before);
  const ofCandidate = product(g, gate(dSums, 2), resetState);
  return { ...all, r: g.concat([rows(g, all.r, hidden, 0, 2), ofCandidate], 0), initial };
}

/** i, o, f = f(... + P c); c = f c' + i g(...); h = o h(c). P looks at c' for i and f, at c for o. */
export function lstmBack(g: Tape, layer: Direction): DirectionGradient {
  const sums = g.add(sumsOf(g, layer, layer.x, layer.w, 0), sumsOf(g, layer, layer.before, layer.r, 1));
  const lstm = lstmOf(g, layer, sums);
  const cells = cellsAgain(g, lstm);
  const before = previous(g, cells, layer);
  const { onCell, keep, factors } = lstmFactors(g, lstm, cells, before);
  const lane = { isReversed: !layer.isReversed };
  const [initial, initialCell, dSums] = emitScan(
    g,
    [layer.dLast, layer.dLastCell],
    [layer.dStates, onCell, keep, factors].map((value) => ({ value, ...lane })),
    [lane],
    (t, [later, laterCell], [dy, shows, kept, factor]) => {
      const dh = t.add(dy as Value, later as Value);
      const dc = t.add(laterCell as Value, t.mul(dh, shows as Value));
      const d = t.mul(t.concat([dc, dh, dc, dc], 1), factor as Value);
      return { states: [t.matmul(d, layer.r), t.mul(dc, kept as Value)], outputs: [d] };
    },
  ) as [Value, Value, Value];
  const looked = (k: number, at: Value): Value => g.reduceSum(g.mul(lstm.gate(dSums, k), at), [0, 1]);
  return {
    ...weightsOf(g, layer, dSums, dSums, layer.before),
    initial,
    initialCell,
    peepholes: layer.peepholes && g.concat([looked(0, before), looked(1, cells), looked(2, before)], 0),
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
  readonly peepholes: readonly (Value | null)[];
  readonly sums: Value;
  /** The cell's input after its activation. */
  readonly input: Value;
  gate(value: Value, at: number): Value;
}

function lstmOf(g: Tape, layer: Direction, sums: Value): Lstm {
  const [f, cell, out] = layer.activations as [Activation, Activation, Activation];
  const { hidden, peepholes } = layer;
  const gate = (value: Value, at: number): Value => part(g, value, hidden, at, at + 1);
  const looks = [0, 1, 2].map((i) => peepholes && g.slice(peepholes, [i * hidden], [(i + 1) * hidden], [0]));
  const isCoupled = intAttr(layer.node, 'input_forget', 0) !== 0;
  return { layer, f, cell, out, isCoupled, peepholes: looks, sums, gate, input: cell.apply(g, gate(sums, 3)) };
}

const looking = (t: Tape, sum: Value, peephole: Value | null | undefined, c: Value): Value =>
  peephole ? t.add(sum, t.mul(peephole, c)) : sum;

/** The cells, as Y has the states only. Without peepholes the gates are known before. */
function cellsAgain(g: Tape, { layer, f, isCoupled, peepholes, sums, input, gate }: Lstm): Value {
  const lane = { isReversed: layer.isReversed };
  const read = (...values: Value[]) => values.map((value) => ({ value, ...lane }));
  const forgotten = (t: Tape, i: Value, sum: Value): Value => (isCoupled ? t.sub(t.scalar(1), i) : f.apply(t, sum));
  if (layer.peepholes) {
    const sequences = read(gate(sums, 0), gate(sums, 2), input);
    return emitScan(g, [layer.initialCell], sequences, [lane], (t, [c], [iSum, fSum, z]) => {
      const i = f.apply(t, looking(t, iSum as Value, peepholes[0], c as Value));
      const forget = forgotten(t, i, looking(t, fSum as Value, peepholes[2], c as Value));
      const next = t.add(t.mul(forget, c as Value), t.mul(i, z as Value));
      return { states: [next], outputs: [next] };
    })[1] as Value;
  }
  const i = f.apply(g, gate(sums, 0));
  const sequences = read(forgotten(g, i, gate(sums, 2)), g.mul(i, input));
  return emitScan(g, [layer.initialCell], sequences, [lane], (t, [c], [forget, added]) => {
    const next = t.add(t.mul(forget as Value, c as Value), added as Value);
    return { states: [next], outputs: [next] };
  })[1] as Value;
}

/** The cell as it entered each step. */
function previous(g: Tape, cells: Value, { initialCell, isReversed }: Direction): Value {
  const start = g.unsqueeze(initialCell, [0]);
  return isReversed
    ? g.concat([g.slice(cells, [1], [Number.MAX_SAFE_INTEGER], [0]), start], 0)
    : g.concat([start, g.slice(cells, [0], [-1], [0])], 0);
}

/** With dh and dc: dc += dh onCell; the cotangents of the sums are (dc, dh, dc, dc) factors; dc' = dc keep. */
function lstmFactors(
  g: Tape,
  { f, cell, out, isCoupled, peepholes, sums, input, gate }: Lstm,
  c: Value,
  before: Value,
) {
  const [pi, po, pf] = peepholes;
  const iSum = looking(g, gate(sums, 0), pi, before);
  const oSum = looking(g, gate(sums, 1), po, c);
  const fSum = looking(g, gate(sums, 2), pf, before);
  const [i, o] = [f.apply(g, iSum), f.apply(g, oSum)];
  const forget = isCoupled ? g.sub(g.scalar(1), i) : f.apply(g, fSum);
  const shown = out.apply(g, c);
  const onOut = g.mul(shown, f.slope(g, oSum, o));
  const onCell = plus(g, g.mul(o, out.slope(g, c, shown)), po && g.mul(onOut, po));
  const onInput = g.mul(isCoupled ? g.sub(input, before) : input, f.slope(g, iSum, i));
  const onForget = isCoupled ? null : g.mul(before, f.slope(g, fSum, forget));
  const onZ = g.mul(i, cell.slope(g, gate(sums, 3), input));
  const keep = plus(g, plus(g, forget, pi && g.mul(onInput, pi)), pf && onForget && g.mul(onForget, pf));
  const factors = g.concat([onInput, onOut, onForget ?? g.mul(onZ, g.scalar(0)), onZ], 2);
  return { onCell, keep, factors };
}

const plus = (g: Tape, a: Value, b: Value | null | undefined): Value => (b ? g.add(a, b) : a);

/** x times a weight [gates * hidden, columns] for all steps at once, with the bias of the input (0) or the state (1). */
const sumsOf = (g: Tape, { biases }: Direction, x: Value, weight: Value, which: 0 | 1): Value =>
  addBias(g, g.matmul(x, g.transpose(weight, [1, 0])), biases?.[which] ?? null);

const addBias = (g: Tape, x: Value, bias: Value | null): Value => (bias ? g.add(x, bias) : x);

const biasRows = (g: Tape, { biases, hidden }: Direction, gate: number): Value =>
  g.slice((biases as readonly [Value, Value])[1], [gate * hidden], [(gate + 1) * hidden], [0]);

/** The gates `from` to `to` of a sequence [steps, batch, gates * hidden]. */
const part = (g: Tape, value: Value, hidden: number, from: number, to: number): Value =>
  g.slice(value, [from * hidden], [to * hidden], [2]);

const rows = (g: Tape, weight: Value, hidden: number, from: number, to: number): Value =>
  g.slice(weight, [from * hidden], [to * hidden], [0]);

/** From the cotangents of the gates' sums, those of what they are made of. `fromState`: of the part that the state gave. */
function weightsOf(g: Tape, layer: Direction, dSums: Value, fromState: Value, before: Value) {
  return {
    x: g.matmul(dSums, layer.w),
    w: product(g, dSums, layer.x),
    r: product(g, fromState, before),
    biases: g.concat([g.reduceSum(dSums, [0, 1]), g.reduceSum(fromState, [0, 1])], 0),
  };
}

/** Sum over steps and batch of d times x: [rows, columns]. */
const product = (g: Tape, d: Value, x: Value): Value =>
  g.op(
    'Gemm',
    [d, x].map((each) => g.op('Flatten', [each], { axis: 2 })),
    { transA: 1 },
  );
