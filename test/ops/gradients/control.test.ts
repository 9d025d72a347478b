import { describe, expect, test } from 'vitest';
import { grad } from '../../../src/autodiff/grad.js';
import { prepare } from '../../../src/autodiff/prepare.js';
import type { Dimension, Graph, Value } from '../../../src/ir/types.js';
import { Builder } from '../../../src/ops/builder.js';
import { int64, tensor } from '../../../src/tensor/tensor.js';
import { checkWhole } from './whole.js';

const opsets = new Map([['', 21]]);
const value = (name: string, ...shape: Dimension[]): Value => ({ name, type: { dtype: 'float64', shape } });
const bool = (values: number): ReturnType<typeof tensor> => tensor('bool', [], Uint8Array.of(values));

let bodies = 0;

/** A graph (or a subgraph, with names of its own) whose outputs `emit` makes of its inputs. */
function graphOf(inputs: readonly Value[], emit: (g: Builder) => readonly Value[]): Graph {
  const g = new Builder(
    inputs.map(({ name }) => name),
    `body${bodies++}`,
  );
  const outputs = emit(g);
  const empty: Graph = {
    name: 'graph',
    inputs,
    outputs: [],
    nodes: [],
    initializers: new Map(),
    opsets,
    functions: [],
  };
  return g.appendTo(empty, outputs);
}

const graph = (body: Graph) => ({ kind: 'graph' as const, value: body });

describe('If', () => {
  const [x, w, c] = [value('x', 2, 3), value('w', 3), { name: 'c', type: { dtype: 'bool' as const, shape: [] } }];
  const whole = graphOf([x, w, c], (g) => {
    const inner = g.op('Neg', [x]);
    const then = graphOf([], (t) => [t.mul(t.op('Exp', [inner]), w), t.op('Identity', [w])]);
    const other = graphOf([], (t) => [t.op('Tanh', [inner]), t.mul(w, w)]);
    return g.ops('If', [c], 2, { then_branch: graph(then), else_branch: graph(other) });
  });

  test.each([1, 0])('the branch taken when the condition is %d', async (taken) => {
    await checkWhole(whole, { given: { c: bool(taken) }, twice: true });
  });
});

test.each([1, 0])('branches that capture different values, when the condition is %d', async (taken) => {
  const [x, w, c] = [value('x', 2, 3), value('w', 3), { name: 'c', type: { dtype: 'bool' as const, shape: [] } }];
  const whole = graphOf([x, w, c], (g) => {
    const inner = g.mul(x, w);
    const then = graphOf([], (t) => [t.op('Exp', [x])]);
    const other = graphOf([], (t) => [t.mul(inner, t.op('Sin', [w]))]);
    return g.ops('If', [c], 1, { then_branch: graph(then), else_branch: graph(other) });
  });
  await checkWhole(whole, { given: { c: bool(taken) } });
});

test('fused ops in a branch are expanded there', async () => {
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: [2, 3] } };
  const c: Value = { name: 'c', type: { dtype: 'bool', shape: [] } };
  const whole = graphOf([x, c], (g) => {
    const then = graphOf([], (t) => t.ops('QuickGelu', [x], 1, {}, 'com.microsoft'));
    const other = graphOf([], (t) => [t.add(x, x)]);
    return g.ops('If', [c], 1, { then_branch: graph(then), else_branch: graph(other) });
  });
  const opsets = new Map([...whole.opsets, ['com.microsoft', 1] as const]);
  const options = { given: { c: bool(1) }, step: 1e-2, tolerance: 1e-3, agreement: 1e-5 };
  await checkWhole({ ...whole, opsets }, options);
});

describe('Scan', () => {
  const h = value('h', 2, 3);

  const scan = (x: Value, w: Value, attributes: Record<string, number | number[]>, isRecorded = false): Graph =>
    graphOf([h, x, w], (g) => {
      const [state, slice] = [value('state'), value('slice')].map(({ name }) => ({ name }));
      const body = graphOf([state!, slice!], (t) => {
        const next = t.op('Tanh', [t.add(t.matmul(state!, w), slice!)]);
        return isRecorded ? [next, t.op('Identity', [next])] : [next, t.mul(next, slice!)];
      });
      return g.ops('Scan', [h, x], 2, { num_scan_inputs: 1, body: graph(body), ...attributes });
    });

  test.each([
    ['forward', {}],
    ['reversed', { scan_input_directions: [1] }],
    ['outputs reversed', { scan_output_directions: [1] }],
    ['outputs along axis 1', { scan_output_axes: [1] }],
    [
      'outputs along the last axis, both reversed',
      { scan_output_axes: [-1], scan_output_directions: [1], scan_input_directions: [1] },
    ],
  ])('%s', async (_name, attributes) => {
    await checkWhole(scan(value('x', 4, 2, 3), value('w', 3, 3), attributes), { twice: true });
  });

  test('along axis 1', async () => {
    await checkWhole(scan(value('x', 2, 4, 3), value('w', 3, 3), { scan_input_axes: [1], scan_output_axes: [-2] }));
  });

  test('with a state that is recorded anyway', async () => {
    await checkWhole(scan(value('x', 4, 2, 3), value('w', 3, 3), {}, true), { twice: true });
  });

  test('with a symbolic number of steps', async () => {
    await checkWhole(scan(value('x', 'steps', 2, 3), value('w', 3, 3), {}), {}, { steps: 5 });
  });
});

describe('Loop', () => {
  const [x, w, trips] = [
    value('x', 2, 3),
    value('w', 3, 3),
    { name: 'trips', type: { dtype: 'int64' as const, shape: [] } },
  ];

  const loop = (condition: (t: Builder, going: Value) => Value): Graph =>
    graphOf([x, w, trips], (g) => {
      const iteration: Value = { name: 'iteration', type: { dtype: 'int64', shape: [] } };
      const going: Value = { name: 'going', type: { dtype: 'bool', shape: [] } };
      const state: Value = { name: 'state' };
      const body = graphOf([iteration, going, state], (t) => {
        const next = t.add(t.op('Sin', [t.matmul(state, w)]), t.op('Cast', [iteration], { to: 11 }));
        return [condition(t, going), next, t.mul(next, t.reduceSum(w, [0]))];
      });
      return g.ops('Loop', [trips, null, x], 2, { body: graph(body) });
    });

  test('a condition handed on', async () => {
    const given = { trips: int64([], [4]) };
    await checkWhole(
      loop((t, going) => t.op('Identity', [going])),
      { given, twice: true },
    );
  });

  test('a condition that is a constant', async () => {
    await checkWhole(
      loop((t) => t.constant(bool(1))),
      { given: { trips: int64([], [3]) } },
    );
  });

  test('a branch in a loop, with a trip count that is computed', async () => {
    const [x, w, c] = [value('x', 2, 3), value('w', 3), { name: 'c', type: { dtype: 'bool' as const, shape: [] } }];
    const [turn, on]: [Value, Value] = [
      { name: 'turn', type: { dtype: 'int64', shape: [] } },
      { name: 'on', type: { dtype: 'bool', shape: [] } },
    ];
    const whole = graphOf([x, w, c], (g) => {
      const trips = g.add(g.constant(int64([], [1])), g.constant(int64([], [2])));
      const state: Value = { name: 'state' };
      const body = graphOf([turn, on, state], (t) => {
        const then = graphOf([], (u) => [u.op('Tanh', [u.mul(state, w)])]);
        const other = graphOf([], (u) => [u.op('Sin', [state])]);
        const next = t.op('If', [c], { then_branch: graph(then), else_branch: graph(other) });
        return [t.op('Identity', [on]), next, t.mul(next, w)];
      });
      return g.ops('Loop', [trips, null, x], 2, { body: graph(body) });
    });
    await checkWhole(whole, { given: { c: bool(1) } });
  });

  test('a condition made by the data is refused', async () => {
    const { graph: ready, types } = await prepare(
      loop((t) => t.op('Less', [t.constant(int64([], [1])), t.constant(int64([], [2]))])),
    );
    expect(() => grad(ready, ready.outputs[0]!, [ready.inputs[0]!], { types })).toThrow(
      /expected a trip count and a condition that is always true, got a loop that ends by its data; extract the graph before it/,
    );
  });
});
