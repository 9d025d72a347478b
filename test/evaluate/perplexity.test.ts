import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSamples } from '../../src/data/open.js';
import { perplexity } from '../../src/evaluate/perplexity.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { builderFor } from '../../src/ops/builder.js';
import { encodeNpy } from '../../src/tensor/npy.js';
import { int64 } from '../../src/tensor/tensor.js';
import { bigram, gptSotu, type InputSpec, root, temporaryFolder } from '../data/models.js';
import { shared } from '../helpers/shared.js';
import { passing, rows } from './classifiers.js';

const { write } = temporaryFolder();
const table = [
  [1, 2, 3],
  [0, 0, 100],
  [-1, 4, 0.5],
];
const windows = [
  [0, 1, 2, 1],
  [2, 2, 0, 0],
  [1, 2, 1, 0],
];
const ids = write('ids.npy', encodeNpy(int64([3, 4], windows.flat())));

/** The mean over windows of the mean loss of their predictions, in float64. */
function expectedLoss(): number {
  const loss = (from: number, to: number) => {
    const row = table[from]!;
    const most = Math.max(...row);
    return most + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) - row[to]!;
  };
  const means = windows.map((window) => window.slice(1).reduce((sum, id, i) => sum + loss(window[i]!, id), 0) / 3);
  return means.reduce((a, b) => a + b, 0) / windows.length;
}

/** The graph with its logits passed on by another op and under another name. */
function renamed(graph: Graph, op: string, output: Value, attributes = {}): Graph {
  const g = builderFor(graph);
  const last = g.op(op, [graph.outputs[0]!], attributes);
  const node = { ...g.nodes[0]!, outputs: [output] };
  return {
    ...graph,
    nodes: [...graph.nodes, node],
    outputs: [output],
    initializers: new Map([...graph.initializers, ...g.initializers]),
    name: last.name,
  };
}

describe('perplexity', () => {
  test.each<[string, Graph]>([
    ['symbolic sizes', bigram(table)],
    ['ids of int32', bigram(table, ['tokens', 'int32', [null, null]])],
    ['a fixed batch that does not divide the windows', bigram(table, ['input_ids', 'int64', [2, 4]])],
    ['a fixed batch larger than the windows', bigram(table, ['input_ids', 'int64', [5, 4]])],
    [
      'logits of float16',
      renamed(
        bigram(table),
        'Cast',
        { name: 'logits_16', type: { dtype: 'float16', shape: ['b', 's', 3] } },
        { to: 10 },
      ),
    ],
    [
      'an output of another name and unknown size',
      renamed(bigram(table), 'Identity', { name: 'out', type: { dtype: 'float32', shape: ['b', 's', null] } }),
    ],
    ['opset 11', { ...bigram(table), opsets: new Map([['', 11]]) }],
    ['opset 21', { ...bigram(table), opsets: new Map([['', 21]]) }],
  ])('is the exponential of the mean loss (%s)', async (_, graph) => {
    const samples = await openSamples(graph, [ids]);
    const done: number[] = [];
    const result = await perplexity(graph, samples, { batch: 2, onBatch: (count) => done.push(count) });
    const tolerance = graph.outputs[0]?.type?.dtype === 'float16' ? 2 : 6;
    expect(result.nll).toBeCloseTo(expectedLoss(), tolerance);
    expect(result.perplexity).toBe(Math.exp(result.nll));
    expect(result).toMatchObject({ tokens: 12, windows: 3, seqLen: 4 });
    expect(done.at(-1)).toBe(3);
  });

  test('passes over caches that the model hands on', async () => {
    const graph = bigram(table);
    const present: Value = { name: 'present.0.key', type: { dtype: 'float32', shape: ['b', 's', 3] } };
    const g = builderFor(graph);
    g.op('Identity', [graph.outputs[0]!]);
    const nodes = [...graph.nodes, { ...g.nodes[0]!, outputs: [present] }];
    const logits = { ...graph.outputs[0]!, name: 'scores' };
    const both = renamed({ ...graph, nodes }, 'Identity', logits);
    const result = await perplexity({ ...both, outputs: [present, logits] }, await openSamples(graph, [ids]));
    expect(result.nll).toBeCloseTo(expectedLoss(), 6);
  });

  test('works with the samples of another graph with the same inputs', async () => {
    const samples = await openSamples(bigram(table), [ids]);
    expect((await perplexity(bigram(table), samples)).nll).toBeCloseTo(expectedLoss(), 6);
  });

  const uniform: InputSpec = ['input_ids', 'int64', ['b', 's']];
  test.each<[string, Graph, Graph, string | RegExp]>([
    [
      'a logit that is not a number',
      bigram(table),
      bigram([table[0]!, [0, Number.NaN, 0], table[2]!]),
      "perplexity: expected finite losses, got NaN in window 0; the model's logits overflow there",
    ],
    [
      'an infinite loss',
      bigram(table),
      bigram([[0, Number.NEGATIVE_INFINITY, 0], table[1]!, table[2]!], uniform),
      /got Infinity in window 0/,
    ],
    [
      'several candidates',
      bigram(table),
      { ...passing(3, ['Identity'], ['a', 'b']) },
      /evaluate: expected one output of logits, got 'a' float32\[N, 3\], 'b' float32\[N, 3\]; name it 'logits'/,
    ],
    [
      'an old opset',
      bigram(table),
      { ...bigram(table), opsets: new Map([['', 9]]) },
      'perplexity: expected opset 11 or higher, got 9; convert the model',
    ],
  ])('refuses %s', async (_, source, graph, message) => {
    const samples = await openSamples(source, [ids]);
    await expect(perplexity(graph, samples)).rejects.toThrow(message);
  });

  test('needs tokens, and stops when told to', async () => {
    await expect(perplexity(bigram(table), rows([[1]]))).rejects.toThrow(
      'perplexity: expected text or token ids, got arrays; give data for a language model',
    );
    const samples = await openSamples(bigram(table), [ids]);
    await expect(perplexity(bigram(table), samples, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });

  const evaluation = shared('models/gpt-sotu/eval-tokens.npy');
  test('of gpt-sotu on held-out addresses is the reference’s', async () => {
    const { graph } = load(join(gptSotu, 'model.onnx'));
    const source = evaluation ?? join(root, 'calibration/sotu-heldout.yaml');
    const result = await perplexity(graph, await openSamples(graph, [source]));
    expect(Math.abs(result.perplexity - 21.8286)).toBeLessThan(0.001);
  });
});
