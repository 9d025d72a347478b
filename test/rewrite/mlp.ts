/** x -> MatMul w1 -> Add b1 -> Relu -> MatMul w2 -> Identity -> y, with an unused weight and a shared constant. */
import type { Graph, Value } from '../../src/ir/types.js';
import { graphOf, node, typed, waves } from '../helpers/graphs.js';

export interface Mlp {
  readonly graph: Graph;
  readonly values: Readonly<Record<'x' | 'w1' | 'b1' | 'w2' | 'scale' | 'h' | 'a' | 'r' | 'z' | 'i' | 'y', Value>>;
}

export function mlp(): Mlp {
  const x = typed('x', ['batch', 3]);
  const [w1, b1, w2] = [typed('w1', [3, 4]), typed('b1', [4]), typed('w2', [4, 2])];
  const scale: Value = { name: 'scale' };
  const h: Value = { name: 'h', type: { dtype: 'float32', shape: ['batch', 4] } };
  const [a, r, z, i]: Value[] = ['a', 'r', 'z', 'i'].map((name) => ({ name }));
  const y = typed('y', ['batch', 2]);
  const graph = graphOf({
    inputs: [x],
    outputs: [y],
    nodes: [
      node('Constant', [], [scale], { value: { kind: 'tensor', value: waves([1], 0.5) } }),
      node('MatMul', [x, w1], [h]),
      node('Add', [h, b1], [a!]),
      node('Relu', [a!], [r!]),
      node('MatMul', [r!, w2], [z!]),
      node('Identity', [z!], [i!]),
      node('Mul', [i!, scale], [y]),
    ],
    initializers: new Map([
      [w1, waves([3, 4])],
      [b1, waves([4], 0.3)],
      [w2, waves([4, 2], 0.7)],
    ]),
  });
  return { graph, values: { x, w1, b1, w2, scale, h, a: a!, r: r!, z: z!, i: i!, y } };
}

/** `mlp` whose result goes through an If that captures `h`, `w2` and, through an Identity, `z`; `flag` chooses the branch. */
export function branching(): Mlp & { readonly flag: Value } {
  const base = mlp();
  const { h, w2, i, y } = base.values;
  const flag = typed('flag', [], 'bool');
  const [yes, no]: Value[] = ['yes', 'no'].map((name) => ({ name }));
  const inner: Value = { name: 'inner' };
  const chosen: Value = { name: 'chosen' };
  const out = typed('out', ['batch', 2]);
  const then = graphOf({ name: 'then', outputs: [yes!], nodes: [node('MatMul', [h, w2], [yes!])] });
  const otherwise = graphOf({
    name: 'else',
    outputs: [no!],
    nodes: [node('Identity', [i], [inner]), node('Neg', [inner], [no!])],
  });
  const graph: Graph = {
    ...base.graph,
    inputs: [...base.graph.inputs, flag],
    outputs: [out],
    nodes: [
      ...base.graph.nodes,
      node('If', [flag], [chosen], {
        then_branch: { kind: 'graph', value: then },
        else_branch: { kind: 'graph', value: otherwise },
      }),
      node('Add', [chosen, y], [out]),
    ],
  };
  return { ...base, graph, flag };
}
