/** The cells of RNN and GRU, backwards. In the formulas h is the state, a sum of a gate before its activation z_. */
import { intAttr } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import type { Activation } from './activations-of-gates.js';
import type { Direction, DirectionGradient } from './recurrent-gradient.js';
import { gateSums, part, partialSums, product, rows, stepsBack, weightsOf } from './recurrent-parts.js';
import type { Tape } from './tape.js';

/** h = f(x W + h' R + b) */
export function rnnBack(g: Tape, layer: Direction): DirectionGradient {
  const [f] = layer.activations as [Activation];
  const sums = gateSums(g, layer);
  const slope = f.slope(g, sums, f.apply(g, sums));
  const [initial, dSums] = stepsBack(g, layer, [layer.dLast], [slope], (t, toState, [dh], [factor]) => {
    const d = t.mul(dh as Value, factor as Value);
    return { states: [toState(d, layer.r)], outputs: [d] };
  }) as [Value, Value];
  return { ...weightsOf(g, layer, dSums, dSums, layer.before), initial };
}

/** z, r = f(...); n = g(x Wn + r (h' Rn + bn) + b) or g(x Wn + (r h') Rn + b); h = (1 - z) n + z h' */
export function gruBack(g: Tape, layer: Direction): DirectionGradient {
  const [f, h] = layer.activations as [Activation, Activation];
  const { before, hidden, r: weight } = layer;
  const isLinearFirst = intAttr(layer.node, 'linear_before_reset', 0) !== 0;
  const gate = (value: Value, from: number, to = from + 1): Value => part(g, value, hidden, from, to);
  const fromX = partialSums(g, layer, 0);
  const fromState = partialSums(g, layer, 1);
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
  if (isLinearFirst) {
    // the cotangents of all three sums of the state are multiples of dh
    const onReset = g.mul(g.mul(onCandidate, linear), gate(slopes, 1));
    const factors = g.concat([onUpdate, onReset, g.mul(onCandidate, reset)], 2);
    const [initial, dh, dState] = stepsBack(
      g,
      layer,
      [layer.dLast],
      [factors, update],
      (t, toState, [d], [factor, keep]) => {
        const dSums = t.mul(t.concat([d, d, d] as Value[], 1), factor as Value);
        const through = t.mul(d as Value, keep as Value);
        return { states: [t.add(through, toState(dSums, weight))], outputs: [t.op('Identity', [d as Value]), dSums] };
      },
      2,
    ) as [Value, Value, Value];
    const dSums = g.concat([gate(dState, 0, 2), g.mul(dh, onCandidate)], 2);
    return { ...weightsOf(g, layer, dSums, dState, before), initial };
  }
  const gateWeight = rows(g, weight, hidden, 0, 2);
  const onReset = g.mul(before, gate(slopes, 1));
  const [initial, dSums] = stepsBack(
    g,
    layer,
    [layer.dLast],
    [onUpdate, onCandidate, onReset, reset, update],
    (t, toState, [d], [forUpdate, forCandidate, forReset, opened, keep]) => {
      const dCandidate = t.mul(d as Value, forCandidate as Value);
      const dResetState = t.matmul(dCandidate, candidateWeight);
      const dGates = t.concat([t.mul(d as Value, forUpdate as Value), t.mul(dResetState, forReset as Value)], 1);
      const through = t.add(t.mul(d as Value, keep as Value), t.mul(dResetState, opened as Value));
      return { states: [t.add(through, toState(dGates, gateWeight))], outputs: [t.concat([dGates, dCandidate], 1)] };
    },
  ) as [Value, Value];
  const all = weightsOf(g, layer, dSums, dSums, before);
  const ofCandidate = product(g, gate(dSums, 2), resetState);
  return { ...all, r: g.concat([rows(g, all.r, hidden, 0, 2), ofCandidate], 0), initial };
}

const addBias = (g: Tape, x: Value, bias: Value | null): Value => (bias ? g.add(x, bias) : x);

const biasRows = (g: Tape, { biases, hidden }: Direction, gate: number): Value =>
  g.slice((biases as readonly [Value, Value])[1], [gate * hidden], [(gate + 1) * hidden], [0]);
