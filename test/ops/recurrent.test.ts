import { describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { builderFor } from '../../src/ops/builder.js';
import { findLayers, type Layer } from '../../src/ops/layers.js';
import { readMatrices } from '../../src/ops/matrices.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { graphOf, input, noisy } from './graphs.js';

const [steps, batch, inputs, hidden] = [4, 2, 3, 5];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** One step from the gates' products with input and state: [gates * hidden] each. */
interface Cell {
  readonly gates: number;
  step(w: readonly number[], r: readonly number[], h: readonly number[], c: readonly number[]): [number[], number[]];
}

const cells: Record<string, Cell> = {
  RNN: { gates: 1, step: (w, r) => [w.map((value, i) => Math.tanh(value + r[i]!)), []] },
  LSTM: {
    gates: 4,
    step: (w, r, h, c) => {
      const gate = (k: number, i: number): number => w[k * hidden + i]! + r[k * hidden + i]!;
      const cell = h.map((_, i) => sigmoid(gate(2, i)) * c[i]! + sigmoid(gate(0, i)) * Math.tanh(gate(3, i)));
      return [h.map((_, i) => sigmoid(gate(1, i)) * Math.tanh(cell[i]!)), cell];
    },
  },
  GRU: {
    gates: 3,
    step: (w, r, h) => {
      const next = h.map((value, i) => {
        const update = sigmoid(w[i]! + r[i]!);
        const reset = sigmoid(w[hidden + i]! + r[hidden + i]!);
        const candidate = Math.tanh(w[2 * hidden + i]! + reset * r[2 * hidden + i]!);
        return (1 - update) * candidate + update * value;
      });
      return [next, []];
    },
  },
};

interface Variant {
  readonly direction: 'forward' | 'reverse' | 'bidirectional';
  readonly layout?: 0 | 1;
  readonly hasInitial?: boolean;
  readonly hidesY?: boolean;
}

const variants: readonly Variant[] = [
  { direction: 'forward' },
  { direction: 'reverse', hasInitial: true },
  { direction: 'bidirectional' },
  { direction: 'bidirectional', hasInitial: true, hidesY: true },
];

/** The runtime has no kernel for layout 1: its columns are checked for shape by the transposes they emit. */
const cases = Object.keys(cells).flatMap((op) => variants.map((variant) => [op, variant] as const));

describe('the matrices of a recurrent layer times their columns are its gates', () => {
  test.each(cases)('%s %o', async (op, variant) => {
    const { gates, step } = cells[op] as Cell;
    const directions = variant.direction === 'bidirectional' ? 2 : 1;
    const x = input('x', ['t', 'b', inputs]);
    const graph = recurrentGraph(op, gates, directions, variant, x);
    const { layers, skipped } = findLayers(graph);
    expect(skipped).toEqual([]);
    expect(layers.map(({ layout: { stacks, rows, columns } }) => [stacks, rows, columns])).toEqual([
      [directions, gates * hidden, inputs],
      [directions, gates * hidden, hidden],
    ]);
    const { last, products, states } = await evaluate(graph, layers, x);
    for (let d = 0; d < directions; d++) {
      const isReverse = variant.direction === 'reverse' || d === 1;
      for (let b = 0; b < batch; b++) {
        const rowAt = (t: number): number => (d * steps + t) * batch + b;
        let h: number[] = [];
        let c = new Array<number>(hidden).fill(0);
        for (let k = 0; k < steps; k++) {
          const t = isReverse ? steps - 1 - k : k;
          const slice = (values: Float32Array, width: number) => [...values.subarray(rowAt(t) * width).slice(0, width)];
          const before = slice(states, hidden);
          if (k > 0) expectClose(before, h);
          [h, c] = step(slice(products[0]!, gates * hidden), slice(products[1]!, gates * hidden), before, c);
        }
        expectClose(h, [...last.subarray((d * batch + b) * hidden).slice(0, hidden)]);
      }
    }
  });

  test('batch-first states are turned to steps first', () => {
    const x = input('x', ['b', 't', inputs]);
    const graph = recurrentGraph('LSTM', 4, 2, { direction: 'bidirectional', layout: 1, hasInitial: true }, x);
    const g = builderFor(graph);
    findLayers(graph).layers[1]!.uses[0]!.columns(g);
    const perms = g.nodes.filter(({ op }) => op === 'Transpose').map(({ attrs }) => String(attrs.perm!.value));
    expect(perms).toEqual(['1,2,0,3', '1,0,2']);
  });
});

function recurrentGraph(op: string, gates: number, directions: number, variant: Variant, x: Value): Graph {
  const { direction, layout = 0, hasInitial, hidesY } = variant;
  const initialShape = layout ? [batch, directions, hidden] : [directions, batch, hidden];
  return graphOf([x], (g) => {
    const w = g.constant(noisy([directions, gates * hidden, inputs], 11), 'W');
    const r = g.constant(noisy([directions, gates * hidden, hidden], 12), 'R');
    const h = hasInitial ? g.constant(noisy(initialShape, 13), 'h0') : null;
    const before = op === 'GRU' ? { linear_before_reset: 1 } : {};
    const attributes = { direction, hidden_size: hidden, ...(layout ? { layout } : {}), ...before };
    const outputs = g.ops(op, [x, w, r, null, null, h], 2, attributes);
    if (!hidesY) return outputs;
    const node = g.nodes.pop()!;
    g.nodes.push({ ...node, outputs: [null, outputs[1]!] });
    return [outputs[1]!];
  });
}

/** The final state Y_h, products [directions, steps * batch, gates * hidden] of W and R, and the columns of R. */
async function evaluate(graph: Graph, layers: readonly Layer[], x: Value) {
  const g = builderFor(graph);
  const columns = layers.map((layer) => layer.uses[0]!.columns(g));
  const products = layers.map((layer, i) => {
    const { stacks, rows, columns: width } = layer.layout;
    return g.matmul(columns[i]!, g.transpose(g.floats(readMatrices(layer), [stacks, rows, width]), [0, 2, 1]));
  });
  const outputs = [graph.outputs.at(-1)!, ...products, columns[1]!];
  return withProgram({ ...g.appendTo(graph), outputs }, {}, async (program) => {
    const results = await program.run(new Map([[x, noisy([steps, batch, inputs], 5)]]));
    const [last, w, r, states] = outputs.map((value) => floatsOf(results.get(value)!));
    return { last: last!, products: [w!, r!], states: states! };
  });
}

const expectClose = (a: readonly number[], b: readonly number[]): void => {
  for (const [i, value] of a.entries()) expect(Math.abs(value - b[i]!)).toBeLessThan(1e-5);
};
