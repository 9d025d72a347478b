import { describe, expect, test } from 'vitest';
import { print } from '../../src/ir/print.js';
import { verify } from '../../src/ir/verify.js';
import { specialize, symbols } from '../../src/rewrite/specialize.js';
import { numbers, waves } from '../helpers/graphs.js';
import { branching, mlp } from './mlp.js';

describe('specialize', () => {
  test('sets a dimension in inputs, outputs and inner values', async () => {
    const { graph, values } = mlp();
    const fixed = specialize(graph, { batch: 2 });
    verify(fixed);
    expect(print(fixed)).toBe(print(graph).replaceAll('batch', '2'));
    expect(fixed.initializers.has(values.w1)).toBe(true);
    const x = waves([2, 3], 0.9);
    expect(await numbers(fixed, { x })).toEqual(await numbers(graph, { x }));
    await expect(numbers(fixed, { x: waves([3, 3]) })).rejects.toThrow(
      "input 'x': expected float32[2, 3], got float32[3, 3]",
    );
  });

  test('leaves other symbols, and the graph itself where there is nothing to do', () => {
    const { graph } = branching();
    expect(specialize(graph, {})).toBe(graph);
    expect(symbols(graph)).toEqual(['batch']);
    expect(symbols(specialize(graph, { batch: 0 }))).toEqual([]);
  });

  test('reaches into subgraphs that capture a value', () => {
    const fixed = specialize(branching().graph, { batch: 5 });
    verify(fixed);
    expect(print(fixed)).not.toContain('batch');
  });

  test.each([
    [{ length: 3 }, "specialize: expected a symbolic dimension of the graph, got 'length'; known dimensions are batch"],
    [{ batch: 1.5 }, "specialize: expected a whole number for 'batch', got 1.5"],
    [{ batch: -1 }, "specialize: expected a whole number for 'batch', got -1"],
  ])('refuses %o', (dims, message) => {
    expect(() => specialize(mlp().graph, dims as unknown as Record<string, number>)).toThrow(message);
  });
});
