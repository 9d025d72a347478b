import { describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { simplify } from '../../src/rewrite/simplify.js';
import { node, numbers, opsOf, waves } from '../helpers/graphs.js';
import { branching, mlp } from './mlp.js';

const x = waves([2, 3], 0.9);

describe('simplify', () => {
  test('bypasses Identity, removes dead nodes and weights', async () => {
    const { graph, values } = mlp();
    const [dead, unused]: Value[] = [{ name: 'dead' }, { name: 'unused' }];
    const cluttered: Graph = {
      ...graph,
      nodes: [...graph.nodes, node('Neg', [values.h], [dead!])],
      initializers: new Map([...graph.initializers, [unused!, waves([9])]]),
    };
    const simple = simplify(cluttered);
    verify(simple);
    expect(opsOf(simple)).toEqual(['Constant', 'MatMul', 'Add', 'Relu', 'MatMul', 'Mul']);
    expect([...simple.initializers.keys()]).toEqual([values.w1, values.b1, values.w2]);
    expect(await numbers(simple, { x })).toEqual(await numbers(graph, { x }));
    expect(simplify(simple)).toBe(simple);
  });

  test('keeps what subgraphs capture, through an Identity too', async () => {
    const { graph, values } = branching();
    // y is needed by the If alone
    const onlyIf: Graph = { ...graph, nodes: graph.nodes.slice(0, -1), outputs: [graph.nodes.at(-2)!.outputs[0]!] };
    const simple = simplify(onlyIf);
    verify(simple);
    expect(opsOf(simple)).toEqual(['MatMul', 'Add', 'Relu', 'MatMul', 'If']);
    expect(simple.initializers.has(values.w2)).toBe(true);
    for (const chosen of [0, 1]) {
      const flag = { dtype: 'bool', shape: [], payload: { byteLength: 1, read: () => Uint8Array.of(chosen) } } as const;
      expect(await numbers(simple, { x, flag })).toEqual(await numbers(onlyIf, { x, flag }));
    }
  });

  test('an Identity that makes an output stays', () => {
    const { graph, values } = mlp();
    const ends = { ...graph, outputs: [values.i] };
    expect(opsOf(simplify(ends))).toEqual(['MatMul', 'Add', 'Relu', 'MatMul', 'Identity']);
  });

  test('chains of Identity lead to the first', async () => {
    const { graph, values } = mlp();
    const [p, q]: Value[] = [{ name: 'p' }, { name: 'q' }];
    const chained: Graph = {
      ...graph,
      nodes: [
        ...graph.nodes.slice(0, 2),
        node('Identity', [values.h], [p!]),
        node('Identity', [p!], [q!]),
        node('Add', [q!, values.b1], [values.a]),
        ...graph.nodes.slice(3),
      ],
    };
    expect(opsOf(simplify(chained))).toEqual(opsOf(simplify(graph)));
    expect(await numbers(simplify(chained), { x })).toEqual(await numbers(graph, { x }));
  });

  test('a dead weight that an old file lists among the inputs leaves both places', () => {
    const { graph, values } = mlp();
    const old: Graph = { ...graph, inputs: [values.x, values.w1, values.b1, values.w2], outputs: [values.h] };
    const simple = simplify(old);
    expect(simple.inputs).toEqual([values.x, values.w1]);
    expect([...simple.initializers.keys()]).toEqual([values.w1]);
  });
});
