/** Sequences and optionals whose contents the graph tells: differentiated as the tensors themselves. */
import { describe, expect, test } from 'vitest';
import { prepare } from '../../src/autodiff/prepare.js';
import type { Dimension, Graph, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import { findRefusals } from '../../src/pipeline/inspect/gradients.js';
import { int64, tensor } from '../../src/tensor/tensor.js';
import { checkWhole } from '../ops/gradients/whole.js';

const value = (name: string, ...shape: Dimension[]): Value => ({ name, type: { dtype: 'float64', shape } });
const [x, w, open] = [value('x', 5, 3), value('w', 3), value('x', 'rows', 3)];
const at = (g: Builder, position: number): Value => g.constant(int64([], [position]));
const emptyGraph = {
  name: 'graph',
  outputs: [],
  nodes: [],
  initializers: new Map(),
  opsets: new Map([['', 18]]),
  functions: [],
};

function graphOf(inputs: readonly Value[], emit: (g: Builder) => readonly Value[]): Graph {
  const g = new Builder(['x', 'w'], 'n');
  return g.appendTo({ ...emptyGraph, inputs }, emit(g));
}

type Row = readonly [name: string, emit: (g: Builder) => readonly Value[], inputs?: readonly Value[]];

const split = (g: Builder, size?: Value, attributes = {}): Value =>
  g.op('SplitToSequence', size ? [x, size] : [x], attributes);
const element = (g: Builder, sequence: Value, position: number): Value =>
  g.op('SequenceAt', [sequence, at(g, position)]);

const rows: readonly Row[] = [
  ['pieces of one row', (g) => [g.mul(element(g, split(g), 1), element(g, split(g), -1))]],
  ['pieces without their axis', (g) => [g.mul(element(g, split(g, undefined, { keepdims: 0 }), 2), w)], [x, w]],
  ['pieces of a size, the last one smaller', (g) => [g.op('Exp', [element(g, split(g, at(g, 2)), 2)])]],
  ['pieces of given sizes along a later axis', (g) => [element(g, split(g, g.ints([1, 2]), { axis: 1 }), -1)]],
  [
    'joined',
    (g) => {
      const list = g.op('SequenceConstruct', [x, g.mul(x, w)]);
      return [
        g.op('ConcatFromSequence', [list], { axis: 1 }),
        g.op('ConcatFromSequence', [list], { axis: 0, new_axis: 1 }),
      ];
    },
    [x, w],
  ],
  [
    'put in and taken out',
    (g) => {
      const grown = g.op('SequenceInsert', [g.op('SequenceInsert', [split(g), w]), g.op('Sin', [w]), at(g, 0)]);
      const count = g.op('Cast', [g.op('SequenceLength', [g.op('SequenceErase', [grown, at(g, 2)])])], { to: 11 });
      return [g.mul(g.mul(element(g, grown, -1), element(g, grown, 0)), count), element(g, grown, 3)];
    },
    [x, w],
  ],
  [
    'read in a branch',
    (g) => {
      const list = split(g, at(g, 2));
      const branch = (position: number) => {
        const t = new Builder([], `branch${position}`);
        const y = t.op('Exp', [t.op('SequenceAt', [list, t.constant(int64([], [position]))])]);
        return { kind: 'graph' as const, value: t.appendTo({ ...emptyGraph, inputs: [] }, [y]) };
      };
      const isLarge = g.op('Less', [
        g.constant(tensor('float64', [], Float64Array.of(-9))),
        g.op('ReduceMax', [x], { keepdims: 0 }),
      ]);
      return g.ops('If', [isLarge], 1, { then_branch: branch(1), else_branch: branch(0) });
    },
  ],
  [
    'an optional',
    (g) => {
      const held = g.op('Optional', [g.op('Sin', [x])]);
      const has = g.op('Cast', [g.op('OptionalHasElement', [held])], { to: 11 });
      return [g.mul(g.op('OptionalGetElement', [held]), has)];
    },
  ],
];

describe('sequences with constant positions', () => {
  test.each(rows.map((row) => [row[0], row] as const))('%s', async (_name, [, emit, inputs = [x]]) => {
    await checkWhole(graphOf(inputs, emit));
  });

  test('of a symbolic number of pieces, from the front', async () => {
    const graph = graphOf([open], (g) => [
      g.mul(element(g, g.op('SplitToSequence', [open]), 1), g.scalar(2, 'float64')),
    ]);
    await checkWhole(graph, {}, { rows: 4 });
    expect((await prepare(graph)).graph.nodes.map(({ op }) => op)).toContain('Slice');
  });
});

test('positions that the data decides are refused by name', async () => {
  const index: Value = { name: 'index', type: { dtype: 'int64', shape: [] } };
  const graph = graphOf([x, index], (g) => [g.op('SequenceAt', [split(g), index])]);
  expect((await findRefusals(graph)).map(({ op, count }) => [op, count])).toEqual([
    ['SplitToSequence', 1],
    ['SequenceAt', 1],
  ]);
});
