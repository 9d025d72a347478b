/** Rarer forms of exported models: each is pruned, or says why not. */
import { describe, expect, test } from 'vitest';
import type { Graph, Node, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { Builder } from '../../src/ops/builder.js';
import { inspect } from '../../src/pipeline/inspect/inspect.js';
import { floatsOf, tensorOf } from '../../src/tensor/convert.js';
import { scalar, tensor } from '../../src/tensor/tensor.js';
import { type Linear, normals, tinyGpt } from '../helpers/tiny-gpt.js';
import { arraysIn, expectMasked, expectOnlyLayersDiffer, exported, pruneFile, tokensIn } from './exported.js';

/** Weights and activations quantised, as quantisation tools write it. */
const quantizedBoth: Linear = (g, x, w, hold) => {
  const zero = g.constant(tensor('int8', [], Int8Array.of(0)));
  const scale = g.constant(scalar(0.05));
  const rounded = g.op('DequantizeLinear', [g.op('QuantizeLinear', [x, scale, zero]), scale, zero]);
  const stored = hold(
    tensorOf(
      'int8',
      w.shape,
      floatsOf(w).map((value) => Math.round(value / 0.01)),
    ),
  );
  return g.matmul(rounded, g.op('DequantizeLinear', [stored, g.constant(scalar(0.01)), zero]));
};

/** Integers with a scale in half precision. */
const quantizedHalf: Linear = (g, x, w, hold) => {
  const stored = hold(
    tensorOf(
      'int8',
      w.shape,
      floatsOf(w).map((value) => Math.round(value / 0.0078125)),
    ),
  );
  const scale = g.constant(tensorOf('float16', [], Float32Array.of(0.0078125)));
  return g.matmul(x, g.op('DequantizeLinear', [stored, scale]));
};

/** As files before IR 4 list them. */
function withInitializersAsInputs(graph: Graph): Graph {
  const typed = new Map(
    [...graph.initializers].map(([value, t]) => [value, { ...value, type: { dtype: t.dtype, shape: t.shape } }]),
  );
  const swap = (value: Value | null): Value | null => (value && typed.get(value)) ?? value;
  return {
    ...graph,
    inputs: [...graph.inputs, ...typed.values()],
    nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(swap) })),
    initializers: new Map([...graph.initializers].map(([value, t]) => [typed.get(value) as Value, t])),
  };
}

describe('a GPT', () => {
  const forms: Readonly<Record<string, () => Graph>> = {
    'in float64': () => tinyGpt({ dtype: 'float64' }),
    'with weights and activations quantised': () => tinyGpt({ linear: quantizedBoth }),
    'in float16 with int8 weights': () => tinyGpt({ linear: quantizedHalf, dtype: 'float16', opset: 19 }),
    'with its initializers listed as inputs': () => withInitializersAsInputs(tinyGpt()),
  };
  test.each(Object.entries(forms))('%s is pruned', async (_name, form) => {
    const file = await exported(form());
    const data = tokensIn(file.folder);
    const result = await pruneFile(file, { calibration: data, evaluation: { ...data, metric: 'auto' } });
    expect(result.report.layers).toHaveLength(12);
    await expectOnlyLayersDiffer(result);
    expectMasked(result);
    const updated = await pruneFile(file, { method: 'sparsegpt', calibration: data });
    await expectOnlyLayersDiffer(updated);
  });
});

describe('weights that stand where they cannot be replaced', () => {
  const float = { dtype: 'float32', shape: ['batch', 8] } as const;
  const x: Value = { name: 'x', type: float };

  /** y = If(flag, h a, h a): a product outside, and one with a weight of its own inside. */
  function branching(flag: Value): Graph {
    const g = new Builder([], 'n');
    const y: Value = { name: 'y', type: float };
    const h = g.op('Relu', [g.matmul(x, g.constant(normals([8, 8], 'outer'), 'outer'))]);
    const branch = (name: string): Graph => {
      const b = new Builder([], name);
      const output = b.matmul(h, b.constant(normals([8, 8], 'inner'), 'inner'));
      const outputs = [{ ...output, type: float }];
      const nodes = b.nodes.map((node): Node => ({ ...node, outputs }));
      return { name, inputs: [], outputs, nodes, initializers: b.initializers, opsets: new Map(), functions: [] };
    };
    g.nodes.push({
      name: 'choice',
      op: 'If',
      domain: '',
      inputs: [flag],
      outputs: [y],
      attrs: {
        then_branch: { kind: 'graph', value: branch('then') },
        else_branch: { kind: 'graph', value: branch('else') },
      },
    });
    return {
      name: 'branching',
      inputs: [x, flag],
      outputs: [y],
      nodes: g.nodes,
      initializers: g.initializers,
      opsets: new Map([['', 17]]),
      functions: [],
    };
  }

  test('in a branch that is decided beforehand: named as left out', async () => {
    const file = await exported(branching({ name: 'use_cache_branch', type: { dtype: 'bool', shape: [1] } }));
    const data = arraysIn(file.folder, { x: normals([6, 8]) });
    const result = await pruneFile(file, { calibration: data });
    expect(result.report.layers.map(({ name }) => name)).toEqual(['n/outer']);
    const reason = 'its weight is stored inside a branch or a function';
    expect(result.report.skipped).toEqual([{ name: 'else/MatMul', op: 'MatMul', reason }]);
    expect(inspect(load(file.model)).skipped).toMatchObject([{ reason }]);
    await expectOnlyLayersDiffer(result);
  });

  test('in a branch that data decides: named as left out', async () => {
    const file = await exported(branching({ name: 'flag', type: { dtype: 'bool', shape: [1] } }));
    const result = await pruneFile(file, { method: 'magnitude' });
    const reason = "it stands in a subgraph of If 'choice'";
    expect(result.report.skipped.map((skipped) => skipped.reason)).toEqual([reason, reason]);
    await expectOnlyLayersDiffer(result);
  });
});
