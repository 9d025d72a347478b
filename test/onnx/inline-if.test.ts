import { describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { inlineIf } from '../../src/onnx/inline-if.js';
import { Builder } from '../../src/ops/builder.js';
import { withProgram } from '../../src/runtime/program.js';
import { dataOf, float32, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphOf, input } from '../ops/graphs.js';

const x = input('x', [2]);
const flag: Value = { name: 'use_cache_branch', type: { dtype: 'bool', shape: [1] } };
const bool = (value: boolean): Tensor => tensor('bool', [1], Uint8Array.of(value ? 1 : 0));

/** A branch; both branches of an If use the same inner names, as exports do. */
function branch(emit: (g: Builder) => readonly Value[]): Graph {
  const g = new Builder([], 'inner');
  const outputs = emit(g);
  return { ...graphOf([], () => []), outputs, nodes: g.nodes, initializers: g.initializers };
}

/** Two Ifs on one flag; the second has a branch that gives a stored value, and one that holds an If. */
function merged(): Graph {
  return graphOf([x, flag], (g) => {
    const choose = (condition: Value, then: Graph, otherwise: Graph): Value[] => [
      ...g.ops('If', [condition], then.outputs.length, {
        then_branch: { kind: 'graph', value: then },
        else_branch: { kind: 'graph', value: otherwise },
      }),
    ];
    const weighted = (factor: number) =>
      branch((b) => [b.mul(x, b.constant(float32([1], Float32Array.of(factor)), 'w'))]);
    const [first] = choose(flag, weighted(2), weighted(3)) as [Value];
    const nested = branch((b) => {
      const none = b.op('Not', [flag]);
      const inside = b.ops('If', [none], 1, {
        then_branch: { kind: 'graph', value: weighted(5) },
        else_branch: { kind: 'graph', value: weighted(7) },
      });
      const twice = b.op('Abs', [x]);
      return [b.add(inside[0]!, first), twice, b.op('Neg', [twice])];
    });
    const [second, passed, again] = choose(
      g.op('Not', [flag]),
      branch((b) => [b.op('Neg', [x]), b.op('Relu', [x]), b.constant(float32([2], Float32Array.of(8, 9)))]),
      nested,
    );
    return [first, second!, passed!, again!];
  });
}

describe('inlineIf', () => {
  test.each([true, false])('takes the branches of a flag that is %s', async (value) => {
    const graph = merged();
    const flat = inlineIf(graph, new Map([[flag, bool(value)]]));
    verify(flat);
    expect(flat.inputs).toEqual([x]);
    expect(flat.nodes.map(({ op }) => op)).not.toContain('If');
    expect(flat.outputs).toEqual(graph.outputs);
    const data = float32([2], Float32Array.of(1.5, -4));
    const wanted = await run(graph, new Map([...[[x, data] as const], [flag, bool(value)] as const]));
    expect(await run(flat, new Map([[x, data]]))).toEqual(wanted);
  });

  test('keeps the names of weights where they are free', () => {
    const only = graphOf([x, flag], (g) => [
      ...g.ops('If', [flag], 1, {
        then_branch: {
          kind: 'graph',
          value: branch((b) => [b.mul(x, b.constant(float32([1], Float32Array.of(2)), 'w'))]),
        },
        else_branch: { kind: 'graph', value: branch((b) => [b.op('Neg', [x])]) },
      }),
    ]);
    const flat = inlineIf(only, new Map([[flag, bool(true)]]));
    expect([...flat.initializers.keys()].map(({ name }) => name)).toEqual(['use_cache_branch', 'inner/w']);
  });

  test('leaves an If that data decides', () => {
    const graph = merged();
    expect(inlineIf(graph).nodes).toEqual(graph.nodes);
  });
});

const run = (graph: Graph, feeds: ReadonlyMap<Value, Tensor>) =>
  withProgram(graph, {}, async (program) => {
    const results = await program.run(feeds);
    return graph.outputs.map((output) => [...(dataOf(results.get(output)!) as Float32Array)]);
  });
