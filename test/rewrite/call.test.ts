import { describe, expect, test } from 'vitest';
import { verify } from '../../src/ir/verify.js';
import { builderFor } from '../../src/ops/builder.js';
import { call } from '../../src/rewrite/call.js';
import { graphOf, numbers, opsOf, typed, waves } from '../helpers/graphs.js';
import { branching, mlp } from './mlp.js';

const x = waves([2, 3], 0.9);

describe('call', () => {
  test('inlines a body twice with one set of weights', async () => {
    const { graph } = mlp();
    const input = typed('x', [2, 3]);
    const host = graphOf({ inputs: [input] });
    const g = builderFor(host);
    const [first] = call(g, graph, [input]);
    const [second] = call(g, graph, [g.mul(input, g.scalar(1))]);
    const sum = g.add(first!, second!);
    const whole = g.appendTo(host, [sum]);
    verify(whole);
    expect(whole.initializers.size).toBe(4);
    expect(opsOf(whole)).toEqual([...opsOf(graph), 'Mul', ...opsOf(graph), 'Add']);
    const [once, twice] = [await numbers(graph, { x }), await numbers(whole, { x })];
    expect(twice[sum.name]).toEqual(once.y?.map((value) => 2 * value));
  });

  test('into the graph it came from: nothing collides, subgraphs are renamed with it', async () => {
    const { graph, values, flag } = branching();
    const g = builderFor(graph);
    const copies = call(g, graph, [values.x, flag]);
    const whole = g.appendTo(graph, copies);
    verify(whole);
    const bool = { ...waves([1]), dtype: 'bool', shape: [] } as const;
    const fed = { x, flag: { ...bool, payload: { byteLength: 1, read: () => Uint8Array.of(0) } } };
    const results = await numbers(whole, fed);
    expect(results[copies[0]!.name]).toEqual(results.out);
    expect(whole.nodes.at(-2)?.attrs.else_branch).not.toEqual(graph.nodes.at(-2)?.attrs.else_branch);
  });

  test('a copy does not pretend to be the node of the file', () => {
    const { graph, values } = mlp();
    const g = builderFor(graph);
    call(g, { ...graph, nodes: graph.nodes.map((node) => ({ ...node, origin: 1 })) }, [values.x]);
    expect(g.nodes.some((node) => 'origin' in node)).toBe(false);
  });

  test('counts its arguments', () => {
    const { graph } = mlp();
    expect(() => call(builderFor(graph), graph, [])).toThrow('call: expected 1 arguments (x), got 0');
  });
});
