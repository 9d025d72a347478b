import { expect, test } from 'vitest';
import { subgraphs, valuesByName } from '../../src/ir/graph.js';
import type { Graph, Node, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { Builder } from '../../src/ops/builder.js';
import { hoist } from '../../src/rewrite/hoist.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';

const x: Value = { name: 'x', type: { dtype: 'float32', shape: [2] } };
const c: Value = { name: 'c', type: { dtype: 'bool', shape: [] } };
const empty = { name: 'graph', inputs: [], outputs: [], nodes: [], opsets: new Map([['', 17]]), functions: [] };

const weight = (name: string, ...values: number[]): [Value, Tensor] => [
  { name },
  float32([values.length], Float32Array.from(values)),
];
const constant = (name: string, value: Tensor): Node => ({
  name,
  op: 'Constant',
  domain: '',
  inputs: [],
  outputs: [{ name }],
  attrs: { value: { kind: 'tensor', value } },
});

/** x + weight, and what else the branch holds. */
function branch(prefix: string, held: [Value, Tensor], more: (t: Builder, y: Value) => Value = (_t, y) => y) {
  const t = new Builder([], prefix);
  const y = more(t, t.add(x, held[0]));
  return { kind: 'graph' as const, value: t.appendTo({ ...empty, initializers: new Map([held]) }, [y]) };
}

const half = constant('half', float32([2], Float32Array.of(0.5, 0.25)));

function whole(): Graph {
  const g = new Builder([], 'n');
  const y = g.op('If', [c], {
    then_branch: branch('then', weight('w', 1, 2)),
    else_branch: branch('else', weight('w', 3, 4), (t, at) => {
      t.nodes.push(half);
      const inner = branch('inner', weight('deep', 5, 6));
      const other = branch('other', weight('only', 7, 8), (u, z) => u.reshape(z, [2]));
      return t.mul(t.op('If', [c], { then_branch: inner, else_branch: other }), t.mul(at, half.outputs[0] as Value));
    }),
  });
  return g.appendTo({ ...empty, inputs: [x, c], initializers: new Map() }, [y]);
}

test('weights of bodies become those of the graph, nested ones and constants too; names that meet are told apart', () => {
  const graph = hoist(whole());
  verify(graph);
  expect([...graph.initializers.keys()].map(({ name }) => name)).toEqual([
    'n/If/then_branch/w',
    'n/If/else_branch/w',
    'half',
    'deep',
    'only',
  ]);
  expect([...valuesByName(graph).keys()]).toContain('deep');
});

test('the graph computes the same', async () => {
  const run = (graph: Graph, taken: number) =>
    withProgram(graph, {}, async (program) => {
      const feeds = new Map(
        program.inputs.map((v) => [
          v,
          v.name === 'x' ? float32([2], Float32Array.of(1, -1)) : tensor('bool', [], Uint8Array.of(taken)),
        ]),
      );
      return [...(await program.run(feeds)).values()].map((t) => Array.from(floatsOf(t)));
    });
  for (const taken of [0, 1]) expect(await run(hoist(whole()), taken)).toEqual(await run(whole(), taken));
});

test('integers, scalars and what a body hands out as it is stay', () => {
  const g = new Builder([], 'n');
  const [handed, stored] = weight('handed', 1, 2);
  const then: Graph = { ...empty, initializers: new Map([[handed, stored]]), outputs: [handed] };
  const other = branch('else', [{ name: 'size' }, int64([1], [2])], (t, _y) => t.mul(x, t.scalar(2)));
  const y = g.op('If', [c], { then_branch: { kind: 'graph', value: then }, else_branch: other });
  const graph = g.appendTo({ ...empty, inputs: [x, c], initializers: new Map() }, [y]);
  expect(hoist(graph)).toBe(graph);
  expect(subgraphs(hoist(graph).nodes[0] as Node)[0]).toBe(then);
});
