import { describe, expect, test } from 'vitest';
import { verify } from '../../src/ir/verify.js';
import { extract } from '../../src/rewrite/extract.js';
import { tap } from '../../src/rewrite/tap.js';
import { annotate } from '../../src/runtime/annotate.js';
import { compile } from '../../src/runtime/program.js';
import { dataOf, float32 } from '../../src/tensor/tensor.js';
import { numbers, opsOf, waves } from '../helpers/graphs.js';
import { branching, mlp } from './mlp.js';

const x = waves([2, 3], 0.9);

describe('extract', () => {
  test('takes the nodes between, with the weights they need', async () => {
    const { graph, values } = mlp();
    const part = extract(graph, [values.h], [values.z]);
    verify(part);
    expect(opsOf(part)).toEqual(['Add', 'Relu', 'MatMul']);
    expect([...part.initializers.keys()]).toEqual([values.b1, values.w2]);
    const whole = await numbers(tap(graph, [values.h, values.z]), { x });
    const h = float32([2, 4], Float32Array.from(whole.h!));
    expect((await numbers(part, { h })).z).toEqual(whole.z);
  });

  test('takes constants along, and is the identity on the whole', () => {
    const { graph, values } = mlp();
    expect(opsOf(extract(graph, [values.z], [values.y]))).toEqual(['Constant', 'Identity', 'Mul']);
    expect(extract(graph, graph.inputs, graph.outputs)).toEqual(graph);
  });

  test('an input cuts everything behind it off, initializers too', () => {
    const { graph, values } = mlp();
    const part = extract(graph, [values.r, values.w2], [values.z]);
    expect(part.inputs).toEqual([values.r, values.w2]);
    expect(part.initializers.size).toBe(0);
    expect(opsOf(part)).toEqual(['MatMul']);
  });

  test('keeps what subgraphs capture', () => {
    const { graph, values, flag } = branching();
    const part = extract(graph, [values.x, flag], graph.outputs);
    verify(part);
    expect(part).toEqual(graph);
    const cut = extract(graph, [values.h, values.i, flag], graph.outputs);
    verify(cut);
    expect(opsOf(cut)).toEqual(['Constant', 'Mul', 'If', 'Add']);
    expect([...cut.initializers.keys()]).toEqual([values.w2]);
  });

  test('names the graph inputs that are missing', () => {
    const { graph, values } = branching();
    expect(() => extract(graph, [values.h], graph.outputs)).toThrow(
      "extract: outputs also depend on graph inputs 'flag'; add them to inputs",
    );
    expect(() => extract(graph, [{ name: 'h' }], graph.outputs)).toThrow(
      "extract: expected a value of the graph, got 'h'",
    );
  });

  test('compiles with the types that annotate gave, without touching its values', async () => {
    const { graph, values } = mlp();
    const part = extract(graph, [values.r], [values.z]);
    await expect(compile(part)).rejects.toThrow(
      "compile: expected a type for input 'r', got none; pass the types that annotate returns",
    );
    const program = await compile(part, { types: await annotate(graph, { batch: 1 }) });
    const results = await program.run(new Map([[values.r, waves([1, 4])]]));
    await program.release();
    expect(dataOf(results.get(values.z)!)).toHaveLength(2);
  });
});
