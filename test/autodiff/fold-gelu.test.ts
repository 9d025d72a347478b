/** Chains that compute GELU become the op, whatever their spelling; others, and those looked into, stay. */
import { describe, expect, test } from 'vitest';
import { foldGelu } from '../../src/autodiff/fold-gelu.js';
import { typesOf } from '../../src/autodiff/prepare.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import { simplify } from '../../src/rewrite/simplify.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32 } from '../../src/tensor/tensor.js';

type Emit = (g: Builder, x: Value) => Value;

const input: Value = { name: 'x', type: { dtype: 'float32', shape: [7] } };
const at = float32([7], Float32Array.of(-5, -1.5, -0.2, 0, 0.4, 1.1, 6));
const n = (g: Builder, value: number): Value => g.scalar(value);

const cubic: Emit = (g, x) => g.add(x, g.mul(g.op('Pow', [x, n(g, 3)]), n(g, 0.044715)));
const tanhOf: Emit = (g, x) => g.op('Tanh', [g.mul(n(g, Math.sqrt(2 / Math.PI)), x)]);
const erfOf: Emit = (g, x) => g.op('Erf', [g.op('Div', [x, n(g, Math.SQRT2)])]);

const spellings: readonly [string, string, Emit][] = [
  ['erf, halved last', 'none', (g, x) => g.mul(g.mul(x, g.add(erfOf(g, x), n(g, 1))), n(g, 0.5))],
  ['erf, halved first', 'none', (g, x) => g.mul(g.mul(n(g, 0.5), x), g.add(n(g, 1), erfOf(g, x)))],
  [
    'erf, root computed',
    'none',
    (g, x) => {
      const erf = g.op('Erf', [g.op('Div', [x, g.op('Sqrt', [n(g, 2)])])]);
      return g.op('Div', [g.mul(x, g.add(erf, n(g, 1))), n(g, 2)]);
    },
  ],
  ['tanh, cubed by Pow', 'tanh', (g, x) => g.mul(g.mul(x, n(g, 0.5)), g.add(tanhOf(g, cubic(g, x)), n(g, 1)))],
  [
    'tanh, cubed by products',
    'tanh',
    (g, x) => {
      const third = g.mul(g.mul(g.mul(x, n(g, 0.044715)), x), x);
      return g.mul(g.mul(x, n(g, 0.5)), g.add(tanhOf(g, g.add(x, third)), n(g, 1)));
    },
  ],
];

const others: readonly [string, Emit][] = [
  ['tanh of another cubic', (g, x) => g.mul(g.mul(x, n(g, 0.5)), g.add(tanhOf(g, g.mul(cubic(g, x), x)), n(g, 1)))],
  ['erf of x itself', (g, x) => g.mul(g.mul(x, n(g, 0.5)), g.add(g.op('Erf', [x]), n(g, 1)))],
  ['nothing halved', (g, x) => g.mul(x, g.add(erfOf(g, x), n(g, 1)))],
];

function graphOf(emit: Emit): { graph: Graph; inner: readonly Value[] } {
  const g = new Builder(['x']);
  // behind something elementary, so that x is not the first value there is
  const y = emit(g, g.add(input, n(g, 0.25)));
  const bare = { name: 'chain', inputs: [input], outputs: [], nodes: [], initializers: new Map(), functions: [] };
  const graph = g.appendTo({ ...bare, opsets: new Map([['', 21]]) }, [y]);
  return { graph, inner: g.nodes.flatMap(({ outputs }) => outputs as Value[]).filter((value) => value !== y) };
}

async function valuesOf(graph: Graph): Promise<readonly number[]> {
  const results = await withProgram(graph, { optimization: 'disabled' }, ({ run }) => run(new Map([[input, at]])));
  return Array.from(floatsOf([...results.values()][0]!));
}

const opsOf = (graph: Graph): string[] => simplify(graph).nodes.map(({ op }) => op);

describe('foldGelu', () => {
  test.each(spellings)('folds %s to approximate=%s and computes the same', async (_name, kind, emit) => {
    const { graph } = graphOf(emit);
    const folded = foldGelu(graph, await typesOf(graph), new Set());
    expect(opsOf(folded)).toEqual(['Add', 'Gelu']);
    const { approximate } = folded.nodes.find(({ op }) => op === 'Gelu')!.attrs;
    expect(approximate?.kind === 'string' && new TextDecoder().decode(approximate.value)).toBe(kind);
    const [before, after] = [await valuesOf(graph), await valuesOf(folded)];
    for (const [i, value] of after.entries()) expect(Math.abs(value - before[i]!)).toBeLessThan(2e-6);
  });

  test.each(others)('leaves %s', async (_name, emit) => {
    const { graph } = graphOf(emit);
    expect(foldGelu(graph, await typesOf(graph), new Set())).toBe(graph);
  });

  test('leaves a chain with a wanted value inside, and float64', async () => {
    const [, , emit] = spellings[0]!;
    const { graph, inner } = graphOf(emit);
    const types = await typesOf(graph);
    expect(foldGelu(graph, types, new Set([inner.at(-1)!]))).toBe(graph);
    const double = new Map([...types].map(([value, type]) => [value, { ...type, dtype: 'float64' as const }]));
    expect(foldGelu(graph, double, new Set())).toBe(graph);
  });
});
