import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { bake } from '../../src/rewrite/bake.js';
import { lift } from '../../src/rewrite/lift.js';
import { tap } from '../../src/rewrite/tap.js';
import { float32 } from '../../src/tensor/tensor.js';
import { numbers, opsOf, waves } from '../helpers/graphs.js';
import { branching, mlp } from './mlp.js';

const x = waves([2, 3], 0.9);

describe('tap', () => {
  test('adds inner values, inputs and weights as outputs and leaves the rest alone', async () => {
    const { graph, values } = mlp();
    const tapped = tap(graph, [values.h, values.i, values.h, values.y, values.x, values.w1]);
    verify(tapped);
    expect(tapped.outputs).toEqual([values.y, values.h, values.i, values.x, values.w1]);
    expect(tapped.nodes).toBe(graph.nodes);
    const seen = await numbers(tapped, { x });
    expect(seen.y).toEqual((await numbers(graph, { x })).y);
    expect(seen.h).toHaveLength(8);
    expect(seen.x).toHaveLength(6);
  });

  test('refuses values of subgraphs', () => {
    const { graph } = branching();
    expect(() => tap(graph, [{ name: 'inner' }])).toThrow(
      "tap: expected a value of the graph, got 'inner'; values inside subgraphs cannot be tapped",
    );
  });
});

describe('lift', () => {
  test('turns initializers and constants into inputs of the same name', async () => {
    const { graph, values } = mlp();
    const lifted = lift(graph, [values.w2, values.scale, values.w1]);
    verify(lifted);
    expect(lifted.inputs.map(({ name }) => name)).toEqual(['x', 'w2', 'scale', 'w1']);
    expect(lifted.inputs.slice(0, 2)).toEqual([values.x, values.w2]);
    expect(lifted.inputs[1]).toBe(values.w2);
    expect([...lifted.initializers.keys()]).toEqual([values.b1]);
    expect(opsOf(lifted)).toEqual(['MatMul', 'Add', 'Relu', 'MatMul', 'Identity', 'Mul']);
    const fed = { x, w1: waves([3, 4]), w2: waves([4, 2], 0.7), scale: waves([1], 0.5) };
    expect(await numbers(lifted, fed)).toEqual(await numbers(graph, { x }));
  });

  test('gives an untyped constant the type of its tensor', () => {
    const { graph, values } = mlp();
    expect(lift(graph, [values.scale]).inputs[1]).toEqual({ name: 'scale', type: { dtype: 'float32', shape: [1] } });
  });

  test('reaches what subgraphs capture', async () => {
    const { graph, values } = branching();
    const lifted = lift(graph, [values.w2]);
    verify(lifted);
    const flag = { dtype: 'bool', shape: [], payload: waves([1]).payload } as const;
    const fed = { x, flag: { ...flag, payload: { ...flag.payload, byteLength: 1, read: () => Uint8Array.of(1) } } };
    expect(await numbers(lifted, { ...fed, w2: waves([4, 2], 0.7) })).toEqual(await numbers(graph, fed));
  });

  test('refuses what is no weight', () => {
    const { graph, values } = mlp();
    expect(() => lift(graph, [values.h])).toThrow("lift: expected an initializer, got 'h'");
  });
});

describe('bake', () => {
  test('undoes lift', async () => {
    const { graph, values } = mlp();
    const weights = new Map([
      [values.w1, waves([3, 4])],
      [values.w2, waves([4, 2], 0.7)],
    ]);
    const baked = bake(lift(graph, weights.keys()), weights);
    verify(baked);
    expect(baked.inputs).toEqual([values.x]);
    expect(await numbers(baked, { x })).toEqual(await numbers(graph, { x }));
  });

  test('replaces initializers in their place and tensors of Constant nodes, origin kept', async () => {
    const { graph, values } = mlp();
    const origin = { from: 'a file' };
    const original: Graph = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, origin })) };
    const baked = bake(
      original,
      new Map([
        [values.w1, waves([3, 4], 2)],
        [values.scale, float32([1], Float32Array.of(0))],
      ]),
    );
    verify(baked);
    expect([...baked.initializers.keys()]).toEqual([...graph.initializers.keys()]);
    expect(baked.nodes[0]).toMatchObject({ op: 'Constant', origin });
    expect(baked.nodes.slice(1)).toEqual(original.nodes.slice(1));
    expect((await numbers(baked, { x })).y?.map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  test('keeps the initializers of old files among the inputs', () => {
    const { graph, values } = mlp();
    const old: Graph = { ...graph, inputs: [values.x, values.w1, values.b1, values.w2] };
    verify(old);
    const lifted = lift(old, [values.w1]);
    expect(lifted.inputs).toEqual(old.inputs);
    const baked = bake(lifted, new Map([[values.w1, waves([3, 4])]]));
    verify(baked);
    expect(baked.inputs).toEqual(old.inputs);
    expect(new Set(baked.initializers.keys())).toEqual(new Set(old.initializers.keys()));
  });

  test('refuses another type, another shape and unknown values', () => {
    const { graph, values } = mlp();
    expect(() => bake(graph, new Map([[values.w1, waves([4, 3])]]))).toThrow(
      "bake 'w1': expected float32[3, 4], got float32[4, 3]",
    );
    expect(() => bake(graph, new Map([[values.r, waves([1])]]))).toThrow(
      "bake: expected an initializer, an input or the output of a Constant, got 'r'",
    );
  });
});
