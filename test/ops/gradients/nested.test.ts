/** Bodies in bodies: the runtime infers no rank for what leaves a Loop, wherever it stands. */
import { test } from 'vitest';
import type { Dimension, Graph, Value } from '../../../src/ir/types.js';
import { Builder } from '../../../src/ops/builder.js';
import { int64, tensor } from '../../../src/tensor/tensor.js';
import { checkWhole } from './whole.js';

const value = (name: string, ...shape: Dimension[]): Value => ({ name, type: { dtype: 'float64', shape } });
const [x, w] = [value('x', 4, 2, 3), value('w', 3)];
const c: Value = { name: 'c', type: { dtype: 'bool', shape: [] } };

let bodies = 0;

function graphOf(inputs: readonly Value[], emit: (g: Builder) => readonly Value[]): Graph {
  const g = new Builder(
    inputs.map(({ name }) => name),
    `body${bodies++}`,
  );
  const outputs = emit(g);
  const opsets = new Map([['', 21]]);
  return g.appendTo(
    { name: 'graph', inputs, outputs: [], nodes: [], initializers: new Map(), opsets, functions: [] },
    outputs,
  );
}

const graph = (body: Graph) => ({ kind: 'graph' as const, value: body });

/** Emits a node with a body that makes one value of another in its shape; Scan wants to know how many axes that has. */
type Nesting = (g: Builder, at: Value, inside: (t: Builder, at: Value) => Value, shape: readonly number[]) => Value;

const loop: Nesting = (g, at, inside, shape) => {
  const turn: Value = { name: `turn${bodies}`, type: { dtype: 'int64', shape: [] } };
  const going: Value = { name: `going${bodies}`, type: { dtype: 'bool', shape: [] } };
  const state = value(`state${bodies}`, ...shape);
  const body = graphOf([turn, going, state], (t) => [t.op('Identity', [going]), inside(t, state)]);
  return g.op('Loop', [g.constant(int64([], [2])), null, at], { body: graph(body) });
};

const scan: Nesting = (g, at, inside, shape) => {
  const slice = value(`slice${bodies}`, ...shape.slice(1));
  const made = value(`made${bodies}`, ...shape.slice(1));
  const body = graphOf([slice], (t) => {
    const last = inside(t, slice);
    t.nodes.push({ name: made.name, op: 'Identity', domain: '', inputs: [last], outputs: [made], attrs: {} });
    return [made];
  });
  return g.op('Scan', [at], { num_scan_inputs: 1, body: graph(body) });
};

const branch: Nesting = (g, at, inside) => {
  const then = graphOf([], (t) => [inside(t, at)]);
  const other = graphOf([], (t) => [t.op('Sin', [at])]);
  return g.op('If', [c], { then_branch: graph(then), else_branch: graph(other) });
};

const step = (t: Builder, at: Value): Value => t.op('Tanh', [t.mul(at, w)]);

const nestings = { loop, scan, branch };
const names = Object.keys(nestings) as (keyof typeof nestings)[];
const pairs = names.flatMap((outer) => names.map((inner) => [inner, outer] as const));
const given = { c: tensor('bool', [], Uint8Array.of(1)) };

test.each(pairs)('a %s in a %s', async (inner, outer) => {
  const shapeInside = outer === 'scan' ? [2, 3] : [4, 2, 3];
  const whole = graphOf([x, w, c], (g) => [
    nestings[outer](g, x, (t, at) => nestings[inner](t, at, step, shapeInside), [4, 2, 3]),
  ]);
  await checkWhole(whole, { given, twice: true });
});

test('a loop in a branch in a loop', async () => {
  const whole = graphOf([x, w, c], (g) => [
    loop(
      g,
      x,
      (t, at) => branch(t, at, (u, deep) => u.mul(loop(u, deep, step, [4, 2, 3]), u.reduceSum(deep, [1], true)), []),
      [4, 2, 3],
    ),
  ]);
  await checkWhole(whole, { given });
});
