/** Recurrent layers that one ConstantOfShape starts: each loses states of its own, and the model keeps one where one will do. */
import { describe, expect, test } from 'vitest';
import type { Axis } from '../../src/axes/axis.js';
import { apart } from '../../src/groups/apart.js';
import { type Flows, flowsOf } from '../../src/groups/flows.js';
import { type Group, groupsOf } from '../../src/groups/groups.js';
import { kindsOf } from '../../src/groups/kinds.js';
import { mask } from '../../src/groups/mask.js';
import { shrink } from '../../src/groups/shrink.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import type { Builder } from '../../src/ops/builder.js';
import { annotate } from '../../src/runtime/annotate.js';
import { tensor } from '../../src/tensor/tensor.js';
import { graphOf, input, noisy } from '../ops/graphs.js';
import { fed } from './fed.js';

const states = 6;

/** Steps of one series through two LSTMs and a matrix; `starts` gives the states that these start with, [1, 1, states]. */
function network(
  starts: (g: Builder) => readonly [Value, Value, Value, Value],
  others: (g: Builder) => Value[] = () => [],
) {
  const x = input('x', [5, 1, 3]);
  return graphOf([x], (g) => {
    const [h1, c1, h2, c2] = starts(g);
    const lstm = (xs: Value, ins: number, h: Value, c: Value): Value => {
      const weights = [
        [1, 4 * states, ins],
        [1, 4 * states, states],
        [1, 8 * states],
      ].map((shape, i) => g.constant(noisy(shape, i + ins)));
      return g.ops('LSTM', [xs, ...weights, null, h, c], 1, { hidden_size: states })[0]!;
    };
    const flat = (y: Value): Value => g.op('Squeeze', [y, g.ints([1])]);
    const last = flat(lstm(flat(lstm(x, 3, h1, c1)), states, h2, c2));
    return [g.op('MatMul', [last, g.constant(noisy([states, 2]))]), ...others(g)];
  });
}

const zeros = (g: Builder, shape: readonly number[]): Value => g.op('ConstantOfShape', [g.ints(shape)]);

const networks: readonly (readonly [string, Graph])[] = [
  [
    'read by both',
    network((g) => {
      const start = zeros(g, [1, 1, states]);
      return [start, start, start, start];
    }),
  ],
  [
    'cut in slices',
    network((g) => {
      const all = zeros(g, [2, 1, states]);
      const at = (i: number): Value => g.op('Slice', [all, g.ints([i]), g.ints([i + 1]), g.ints([0])]);
      return [at(0), at(0), at(1), at(1)];
    }),
  ],
  [
    'laid out once',
    network((g) => {
      const start = g.op('Unsqueeze', [zeros(g, [1, states]), g.ints([0])]);
      return [start, start, start, start];
    }),
  ],
  [
    'repeated once',
    network((g) => {
      const start = g.op('Expand', [zeros(g, [1]), g.ints([1, 1, states])]);
      return [start, start, start, start];
    }),
  ],
];

const count = ({ nodes }: Graph, op: string): number => nodes.filter((node) => node.op === op).length;
const livingOf = (groups: readonly Group[], left: readonly number[]): Map<Axis, Uint8Array> =>
  new Map(groups.map(({ units }, i) => [units, Uint8Array.from({ length: units.size }, (_, at) => +(at < left[i]!))]));
const hiddenSizes = ({ nodes }: Graph): number[] =>
  nodes.flatMap(({ attrs: { hidden_size: size } }) => (size?.kind === 'int' ? [Number(size.value)] : []));

async function statesOf(graph: Graph): Promise<{ flows: Flows; groups: Group[] }> {
  const flows = await flowsOf(graph);
  const groups = groupsOf(flows);
  expect(kindsOf(flows, groups)).toEqual(['recurrent-units', 'recurrent-units']);
  return { flows, groups };
}

describe.each(networks)('states of one ConstantOfShape, %s', (_, graph) => {
  test.each([
    [6, 4],
    [2, 6],
    [3, 5],
    [4, 4],
  ])('%i and %i of six are left', async (...left) => {
    const { flows, groups } = await statesOf(graph);
    const living = livingOf(groups, left);
    const small = shrink(flows, living, graph);
    verify(small);
    expect(hiddenSizes(small)).toEqual(left);
    expect(await apart(small, mask(flows, living), fed(flows), { threads: 1 })).toBeLessThan(1e-6);
    const made = new Set(left).size;
    for (const op of ['ConstantOfShape', 'Unsqueeze', 'Expand'])
      expect(count(small, op)).toBeLessThanOrEqual(count(graph, op) * made);
    if (made === 1) expect(small.nodes.map(({ op }) => op)).toEqual(graph.nodes.map(({ op }) => op));
  });

  test('nothing is copied where nothing goes', async () => {
    const { flows, groups } = await statesOf(graph);
    const same = shrink(flows, livingOf(groups, [states, states]), graph);
    expect(same.nodes).toEqual(graph.nodes);
    expect([...same.initializers]).toEqual([...graph.initializers]);
  });

  test('the working copy computes the same', async () => {
    const { flows } = await statesOf(graph);
    verify(flows.graph);
    expect(count(flows.graph, 'ConstantOfShape')).toBeGreaterThan(1);
    expect(await apart(flows.graph, graph, fed(flows), { threads: 1 })).toBe(0);
  });
});

test('one that is an answer of the model keeps its size, and states do not', async () => {
  const made: Value[] = [];
  const graph = network(
    (g) => {
      made.push(zeros(g, [1, 1, states]));
      const [start] = made as [Value];
      return [start, start, start, start];
    },
    () => [made.pop()!],
  );
  const { flows, groups } = await statesOf(graph);
  const small = shrink(flows, livingOf(groups, [2, 2]), graph);
  const types = await annotate(small);
  expect(small.outputs.map((value) => types.get(value)!.shape)).toEqual([
    [5, 1, 2],
    [1, 1, states],
  ]);
  expect(count(small, 'ConstantOfShape')).toBe(2);
});

test('masks of truths stay one', async () => {
  const x = input('x', [2, 3]);
  const graph = graphOf([x], (g) => {
    const none = g.op('ConstantOfShape', [g.ints([3])], {
      value: { kind: 'tensor', value: tensor('bool', [1], Uint8Array.of(1)) },
    });
    return [g.op('Where', [none, x, x]), g.op('Where', [none, x, x])];
  });
  expect(count((await flowsOf(graph)).graph, 'ConstantOfShape')).toBe(1);
});
