import { describe, expect, test } from 'vitest';
import { feeds, valuesByName } from '../../src/ir/graph.js';
import { printType } from '../../src/ir/print.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { tap } from '../../src/rewrite/tap.js';
import { annotate, annotateSymbolic } from '../../src/runtime/annotate.js';
import { withProgram } from '../../src/runtime/program.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed, waves } from '../helpers/graphs.js';
import { shared } from '../helpers/shared.js';
import { branching, mlp } from '../rewrite/mlp.js';

const names = (...list: string[]): Value[] => list.map((name) => ({ name }));

/** `name: type` of each annotated value that is not an initializer. */
function table(graph: Graph, types: Awaited<ReturnType<typeof annotate>>): Record<string, string> {
  const listed = [...valuesByName(graph).values()].filter(
    (value) => types.has(value) && !graph.initializers.has(value),
  );
  return Object.fromEntries(listed.map((value) => [value.name, printType(types.get(value))]));
}

describe('annotate', () => {
  test('gives every value of the original graph its type', async () => {
    const { graph, values } = mlp();
    const types = await annotate(graph, { batch: 7 });
    expect(table(graph, types)).toEqual({
      x: 'float32[7, 3]',
      scale: 'float32[1]',
      h: 'float32[7, 4]',
      a: 'float32[7, 4]',
      r: 'float32[7, 4]',
      z: 'float32[7, 2]',
      i: 'float32[7, 2]',
      y: 'float32[7, 2]',
    });
    expect(types.get(values.w1)).toEqual({ dtype: 'float32', shape: [3, 4] });
    expect(types.size).toBe(11);
  });

  test('keeps symbols when asked', async () => {
    const { graph } = mlp();
    expect(table(graph, await annotateSymbolic(graph))).toMatchObject({
      x: 'float32[batch, 3]',
      z: 'float32[batch, 2]',
    });
  });

  test('sizes nobody gave are chosen: sums of symbols fit, unnamed ones too', async () => {
    const [ids, mask, past] = [
      typed('ids', ['batch', 'sequence'], 'int64'),
      typed('mask', ['batch', 'past_sequence_length + sequence'], 'int64'),
      typed('past', [null, 'past_sequence_length'], 'int64'),
    ];
    const [all, sum] = names('all', 'sum');
    const graph = graphOf({
      inputs: [ids, mask, past],
      outputs: [sum!],
      nodes: [node('Concat', [past, ids], [all!], { axis: 1 }), node('Add', [all!, mask], [sum!])],
    });
    expect(table(graph, await annotate(graph))).toMatchObject({ past: 'int64[2, 0]', sum: 'int64[2, 8]' });
    expect(
      table(graph, await annotate(graph, { past_sequence_length: 3, 'past_sequence_length + sequence': 11 })),
    ).toMatchObject({
      sum: 'int64[2, 11]',
    });
  });

  test('tries a longer input where a window needs one', async () => {
    const x = typed('x', ['n', 1, 'length']);
    const [w, y] = names('w', 'y');
    const graph = graphOf({
      inputs: [x],
      outputs: [y!],
      nodes: [node('Conv', [x, w!], [y!])],
      initializers: new Map([[w!, waves([1, 1, 40])]]),
    });
    expect(table(graph, await annotate(graph))).toMatchObject({ y: 'float32[2, 1, 25]' });
  });

  test('tells scalars from values of unknown rank, and data-dependent sizes from known ones', async () => {
    const x = typed('x', [4]);
    const [parts, joined, total, found] = names('parts', 'joined', 'total', 'found');
    const graph = graphOf({
      inputs: [x],
      outputs: [found!],
      nodes: [
        node('SplitToSequence', [x], [parts!]),
        node('ConcatFromSequence', [parts!], [joined!], { axis: 0 }),
        node('ReduceSum', [x], [total!], { keepdims: 0 }),
        node('NonZero', [x], [found!]),
      ],
    });
    expect(table(graph, await annotate(graph))).toEqual({
      x: 'float32[4]',
      joined: 'float32',
      total: 'float32[]',
      found: 'int64[1, ?]',
    });
  });

  test('leaves out what the runtime cannot show, however it comes about', async () => {
    const x = typed('x', [4]);
    const [narrow, back, stored, wide, like, y] = names('narrow', 'back', 'stored', 'wide', 'like', 'y');
    const brain: Tensor = tensor('bfloat16', [4], Uint16Array.of(0x3f80, 0, 0, 0));
    const graph = graphOf({
      inputs: [x],
      outputs: [y!],
      nodes: [
        node('Cast', [x], [narrow!], { to: 16 }),
        node('Identity', [narrow!], [like!]),
        node('Cast', [like!], [back!], { to: 1 }),
        node('Cast', [stored!], [wide!], { to: 1 }),
        node('Add', [back!, wide!], [y!]),
      ],
      initializers: new Map([[stored!, brain]]),
    });
    expect(Object.keys(table(graph, await annotate(graph)))).toEqual(['x', 'back', 'wide', 'y']);
  });

  test('finds hidden types it did not foresee by halving', async () => {
    const flag = typed('flag', [], 'bool');
    const x = typed('x', [4]);
    const [inner, other, made, back] = names('inner', 'other', 'made', 'back');
    const body = (value: Value) =>
      ({
        kind: 'graph',
        value: graphOf({ outputs: [value], nodes: [node('Cast', [x], [value], { to: 16 })] }),
      }) as const;
    const graph = graphOf({
      inputs: [flag, x],
      outputs: [back!],
      nodes: [
        node('If', [flag], [made!], { then_branch: body(inner!), else_branch: body(other!) }),
        node('Cast', [made!], [back!], { to: 1 }),
      ],
    });
    expect(table(graph, await annotate(graph))).toEqual({ flag: 'bool[]', x: 'float32[4]', back: 'float32[4]' });
  });

  test('int4 weights behind DequantizeLinear, subgraphs with captures', async () => {
    const x = typed('x', [2, 4]);
    const [w, scale, d, y] = names('w', 'scale', 'd', 'y');
    const graph = graphOf({
      inputs: [x],
      outputs: [y!],
      nodes: [node('DequantizeLinear', [w!, scale!], [d!]), node('MatMul', [x, d!], [y!])],
      initializers: new Map([
        [w!, tensor('int4', [4, 2], Uint8Array.of(0x21, 0x43, 0x65, 0x07))],
        [scale!, float32([], Float32Array.of(0.5))],
      ]),
    });
    expect(table(graph, await annotate(graph))).toMatchObject({ d: 'float32[4, 2]', y: 'float32[2, 2]' });
    const branches = branching().graph;
    expect(table(branches, await annotate(branches, { batch: 3 }))).toMatchObject({
      chosen: 'float32[3, 2]',
      out: 'float32[3, 2]',
    });
  });

  test('types in the file that contradict the sizes do not matter, old files neither', async () => {
    const { graph, values } = mlp();
    const stale: Graph = {
      ...graph,
      inputs: [values.x, values.w1, values.b1, values.w2],
      nodes: graph.nodes.map((made) =>
        made.op === 'Relu'
          ? { ...made, outputs: [Object.assign(values.r, { type: { dtype: 'float32', shape: [99, 4] } })] }
          : made,
      ),
    };
    expect(table(stale, await annotate(stale, { batch: 3 }))).toMatchObject({ r: 'float32[3, 4]' });
  });

  test.each([
    [{ nope: 1 }, "specialize: expected a symbolic dimension of the graph, got 'nope'; known dimensions are batch"],
    [{ batch: -1 }, "specialize: expected a whole number for 'batch', got -1"],
  ])('refuses %o', async (dims, message) => {
    await expect(annotate(mlp().graph, dims as unknown as Record<string, number>)).rejects.toThrow(message);
  });

  test('a graph that contradicts itself names the node', async () => {
    const [x, y] = [typed('x', [2, 3]), { name: 'y' }];
    const graph = graphOf({ inputs: [x], outputs: [y], nodes: [node('MatMul', [x, x], [y])] });
    await expect(annotate(graph)).rejects.toThrow("MatMul 'y': [ShapeInferenceError] Incompatible dimensions");
  });
});

describe('annotate agrees with what runs, weights mapped from the file', () => {
  const models = [
    'gpt-sotu/model.onnx',
    'stories260k/stories260K.onnx',
    'resnet20-cifar10/resnet20_cifar10.onnx',
    'fcn-ucr/ECG200_fcn.onnx',
    'mnist-cnn/Convnet_maxpool.onnx',
    'tabular/adult_ann.onnx',
  ];
  for (const name of models) {
    const path = shared(`models/${name}`);
    test.skipIf(!path)(name, async () => {
      const { graph } = load(path!);
      const types = await annotate(graph);
      const all = [...valuesByName(graph).values()];
      expect(all.filter((value) => !types.get(value)?.shape)).toEqual([]);
      const fed = new Map(feeds(graph).map((value) => [value, sample(types.get(value)!)]));
      await withProgram(
        tap(
          graph,
          all.filter((value) => !graph.initializers.has(value)),
        ),
        {},
        async (program) => {
          for (const [value, { dtype, shape }] of await program.run(fed)) {
            expect([value.name, { dtype, shape }]).toEqual([value.name, types.get(value)]);
          }
        },
      );
    });
  }

  function sample({ dtype, shape }: { dtype: string; shape?: readonly unknown[] }): Tensor {
    const sizes = shape as number[];
    if (dtype === 'float32') return waves(sizes);
    return int64(
      sizes,
      Array.from({ length: sizeOf(sizes) }, (_, i) => (i * 7) % 50),
    );
  }
});
