import { describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { widenTensor } from '../../src/onnx/widen-tensor.js';
import type { Builder } from '../../src/ops/builder.js';
import { findLayers } from '../../src/ops/layers.js';
import { adamw } from '../../src/optim/index.js';
import { adapters } from '../../src/reconstruct/adapters/index.js';
import { addBeside, refusesBeside } from '../../src/reconstruct/beside.js';
import { descend } from '../../src/reconstruct/descend.js';
import { withRegionJudge } from '../../src/reconstruct/region-judge.js';
import type { LowRank } from '../../src/reconstruct/solver.js';
import { bake } from '../../src/rewrite/bake.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf, tensorOf } from '../../src/tensor/convert.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { contrib, graphOf, input, noisy } from '../ops/graphs.js';
import { cases, taskOf } from './tasks.js';

type Emit = (g: Builder, x: Value, w: Value) => Value;
const scales = { alpha: { kind: 'float', value: 0.5 }, beta: { kind: 'float', value: 3 } } as const;

/** [what, shape of x, shape of w, the product] with 6 inputs and 5 outputs. */
const products: readonly (readonly [string, readonly number[], readonly number[], Emit])[] = [
  ['MatMul', [2, 3, 6], [6, 5], (g, x, w) => g.matmul(x, w)],
  ['MatMul from the left', [3, 6, 4], [5, 6], (g, x, w) => g.matmul(w, x)],
  ['MatMul by a transposed weight', [3, 6], [5, 6], (g, x, w) => g.matmul(x, g.transpose(w, [1, 0]))],
  ['Gemm', [4, 6], [6, 5], (g, x, w) => g.op('Gemm', [x, w, g.constant(noisy([5], 9))], scales)],
  ['Gemm, both transposed', [6, 4], [5, 6], (g, x, w) => g.op('Gemm', [x, w], { transA: 1, transB: 1, ...scales })],
  ['Gemm from the left', [4, 6], [6, 5], (g, x, w) => g.op('Gemm', [w, x], { transA: 1, transB: 1, ...scales })],
  ['two uses', [4, 6], [6, 6], (g, x, w) => g.matmul(g.op('Relu', [g.matmul(x, w)]), w)],
];

const change: LowRank = { A: noisy([1, 2, 6], 5), B: noisy([1, 5, 2], 6), scale: 0.7 };
const square: LowRank = { ...change, B: noisy([1, 6, 2], 6) };

/** scale B A, [outputs, inputs]. */
function dense({ A, B, scale }: LowRank): number[][] {
  const [a, b] = [floatsOf(A), floatsOf(B)];
  const [, rank, columns] = A.shape as [number, number, number];
  return Array.from({ length: B.shape[1]! }, (_, r) =>
    Array.from(
      { length: columns },
      (_, c) =>
        scale * Array.from({ length: rank }, (_, k) => b[r * rank + k]! * a[k * columns + c]!).reduce((p, q) => p + q),
    ),
  );
}

const run = async (graph: Graph, x: Tensor): Promise<Float32Array> =>
  withProgram(graph, { threads: 1 }, async (program) =>
    floatsOf((await program.run(new Map([[graph.inputs[0]!, x]]))).get(graph.outputs[0]!)!),
  );

describe('addBeside', () => {
  test.each(products)('gives what the merged weight would: %s', async (name, ofX, ofW, emit) => {
    const x = input('x', ofX);
    const stored = noisy(ofW, 3);
    const graph = graphOf([x], (g) => [emit(g, x, g.constant(stored, 'w'))]);
    const { layers } = findLayers(graph);
    const [layer] = layers;
    const own = name === 'two uses' ? square : change;
    const delta = dense(own);
    // whether the rows of what is stored are outputs
    const isRowMajor = layer!.layout.perm[0] === 0;
    const whole = floatsOf(stored).map((value, i) => {
      const [row, column] = [Math.floor(i / ofW[1]!), i % ofW[1]!];
      return value + (isRowMajor ? delta[row]![column]! : delta[column]![row]!);
    });
    const changed = addBeside(graph, layers, new Map([[layer!.name, own]]));
    verify(changed);
    expect(changed.initializers.get(layer!.weight)).toBe(stored);
    expect(changed.outputs).toEqual(graph.outputs);
    const fed = noisy(ofX, 8);
    const expected = await run(bake(graph, new Map([[layer!.weight, float32(ofW, whole)]])), fed);
    const found = await run(changed, fed);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  });

  test('what a descent with lora found has the error that it was judged by', async () => {
    const task = await taskOf(cases['Gemm, transposed, with bias and scales']);
    const { added, after, before, weights } = await descend({
      optimiser: adamw(),
      rate: 0.01,
      epochs: 10,
      adapter: adapters.lora({ rank: 2 }),
    })(task);
    expect(weights.size).toBe(0);
    const byName = new Map([...added!].map(([{ name }, found]) => [name, found]));
    const graph = addBeside(task.graph, task.layers, byName);
    const plain = { ...task, graph };
    await withRegionJudge(plain, [], 'mse', async (loss) => {
      expect(await loss(new Map())).toBeCloseTo(after, 6);
    });
    expect(after).toBeLessThan(before * 0.9);
  });

  test('is stored in the type of the model', () => {
    const x: Value = { name: 'x', type: { dtype: 'float16', shape: [2, 6] } };
    const graph = graphOf([x], (g) => [
      g.matmul(x, g.constant(tensorOf('float16', [6, 5], floatsOf(noisy([6, 5]))), 'w')),
    ]);
    const { layers } = findLayers(graph);
    const changed = addBeside(graph, layers, new Map([[layers[0]!.name, change]]));
    expect([...changed.initializers.values()].map(({ dtype }) => dtype)).toEqual(['float16', 'float16', 'float16']);
    const held = [...changed.initializers.values()].at(-1)!;
    expect(floatsOf(widenTensor(held))[0]).toBeCloseTo(floatsOf(change.B)[0]! * change.scale, 3);
  });

  test('refuses what it cannot stand beside', () => {
    const x = input('x', [1, 2, 4, 4]);
    const graph = graphOf([x], (g) => [g.op('Conv', [x, g.constant(noisy([3, 2, 3, 3]), 'w')])]);
    const { layers } = findLayers(graph);
    const added = new Map([[layers[0]!.name, change]]);
    const message = 'low-rank nodes stand beside MatMul and Gemm only, not Conv; exclude the layer, or take mask-lora';
    expect(refusesBeside(layers[0]!)).toBe(message);
    expect(() => addBeside(graph, layers, added)).toThrow(`lora '${layers[0]!.name}': ${message}`);
    expect(() => addBeside(graph, [], added)).toThrow(
      `lora '${layers[0]!.name}': expected a layer of the model, found none of that name`,
    );
  });

  test('a product of another domain is not taken for the standard one', () => {
    const x = input('x', [2, 6]);
    const graph = graphOf([x], (g) => [contrib(g, 'FusedMatMul', [x, g.constant(noisy([6, 5]), 'w')])], 17, true);
    for (const layer of findLayers(graph).layers) expect(refusesBeside(layer)).toContain('not FusedMatMul');
  });
});
