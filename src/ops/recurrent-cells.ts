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
  const [f, cell, out] = layer.activations as [Activation, Activation, Activation];
  const { hidden, peepholes } = layer;
  const isCoupled = intAttr(layer.node, 'input_forget', 0) !== 0;
  const gate = (value: Value, from: number, to = from + 1): Value => part(g, value, hidden, from, to);
  const peephole = (i: number): Value | null => peepholes && g.slice(peepholes, [i * hidden], [(i + 1) * hidden], [0]);
  const [pi, po, pf] = [peephole(0), peephole(1), peephole(2)];
  const sums = g.add(sumsOf(g, layer, layer.x, layer.w, 0), sumsOf(g, layer, layer.before, layer.r, 1));
  const looking = (t: Tape, sum: Value, p: Value | null, c: Value): Value => (p ? t.add(sum, t.mul(p, c)) : sum);

  // the cells again: Y has the states only
  const input = cell.apply(g, gate(sums, 3));
  const forgotten = (t: Tape, i: Value, sum: Value, c: Value): Value =>
    isCoupled ? t.sub(t.scalar(1), i) : f.apply(t, looking(t, sum, pf, c));
  const forward = { isReversed: layer.isReversed };
  const cells = peepholes
    ? emitScan(
        g,
        [layer.initialCell],
        [gate(sums, 0), gate(sums, 2), input].map((value) => ({ value, ...forward })),
        [forward],
        (t, [c], [iSum, fSum, z]) => {
          const i = f.apply(t, looking(t, iSum as Value, pi, c as Value));
          const next = t.add(t.mul(forgotten(t, i, fSum as Value, c as Value), c as Value), t.mul(i, z as Value));
          return { states: [next], outputs: [next] };
        },
      )[1]
    : emitScan(
        g,
        [layer.initialCell],
        cellFactors(g).map((value) => ({ value, ...forward })),
        [forward],
        (t, [c], [k, z]) => {
          const next = t.add(t.mul(k as Value, c as Value), z as Value);
          return { states: [next], outputs: [next] };
        },
      )[1];
  function cellFactors(g: Tape): [Value, Value] {
    const i = f.apply(g, gate(sums, 0));
    return [forgotten(g, i, gate(sums, 2), i), g.mul(i, input)];
  }
  const c = cells as Value;
  const start = g.unsqueeze(layer.initialCell, [0]);
  const end = Number.MAX_SAFE_INTEGER;
  const before = layer.isReversed
    ? g.concat([g.slice(c, [1], [end], [0]), start], 0)
    : g.concat([start, g.slice(c, [0], [-1], [0])], 0);

  // with dh and dc: d o_ = dh onOut, dc += dh onCell, d(i_, f_, z_) = dc (onInput, onForget, onZ), dc' = dc keep
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
  const none = onForget ?? g.sub(onZ, onZ);
  const lane = { isReversed: !layer.isReversed };
  const factors = g.concat([onInput, onOut, none, onZ], 2);
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
  const looked = (k: number, at: Value): Value => g.reduceSum(g.mul(gate(dSums, k), at), [0, 1]);
  return {
    ...weightsOf(g, layer, dSums, dSums, layer.before),
    initial,
    initialCell,
    peepholes: peepholes && g.concat([looked(0, before), looked(1, c), looked(2, before)], 0),
  };
}

const plus = (g: Tape, a: Value, b: Value | null): Value => (b ? g.add(a, b) : a);

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
  g.op('Gemm', [d, x].map((each) => g.op('Flatten', [each], { axis: 2 })), { transA: 1 });
