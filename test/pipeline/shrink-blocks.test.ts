/** `scalpel shrink` as a job that takes out whole blocks. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { int8 } from '../../src/convert/int8.js';
import type { Model } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { Builder } from '../../src/ops/builder.js';
import { run as tryShrink } from '../../src/pipeline/dry-run/shrink.js';
import { openModel } from '../../src/pipeline/open-model.js';
import { reconstructionDefaults, retrainRate } from '../../src/pipeline/reconstruct/request.js';
import { lookAtBlocks } from '../../src/pipeline/shrink/blocks/look.js';
import { setBlockScene } from '../../src/pipeline/shrink/blocks/scene.js';
import { run } from '../../src/pipeline/shrink/job.js';
import type { BlocksRequest } from '../../src/pipeline/shrink/request.js';
import { type BlockCriterionName, blockCriteria } from '../../src/prune/blocks/index.js';
import type { ShrinkReport } from '../../src/report/shrink-report.js';
import { converted } from '../convert/asked.js';
import { Network, times, tokens, width } from '../regions/network.js';
import { gpt, jobContext, newFolder, outputIn, sotu } from './prune-requests.js';

type Request = BlocksRequest & { readonly output: NonNullable<BlocksRequest['output']> };

const request = (changes: Partial<BlocksRequest> = {}): Request => ({
  model: gpt,
  layers: { include: [], exclude: [] },
  takes: 'blocks',
  depth: 'blocks',
  criterion: 'block-influence',
  amount: { kind: 'sparsity', sparsity: 0.3 },
  calibration: sotu,
  evaluation: { ...sotu, metric: 'auto' },
  engine: { provider: 'cpu', threads: 2 },
  seed: 0,
  commandLine: ['scalpel', 'shrink'],
  ...changes,
  output: outputIn(newFolder()),
});

const shrink = (asked: Request, context = jobContext()): Promise<ShrinkReport> => run(asked, context);

const parameters = (path: string): number =>
  [...load(path).graph.initializers.values()]
    .filter(({ dtype }) => dtype === 'float32')
    .reduce((sum, { shape }) => sum + shape.reduce((count, size) => count * size, 1), 0);

describe('criteria', () => {
  test.each(Object.keys(blockCriteria) as BlockCriterionName[])('%s', async (criterion) => {
    const asked = request({ criterion });
    const report = await shrink(asked);
    expect(report.groups.map(({ kind, units }) => [kind, units])).toEqual(report.groups.map(() => ['blocks', 1]));
    expect(report.groups).toHaveLength(6);
    const went = report.groups.filter(({ left }) => left === 0);
    expect(went).toHaveLength(2);
    const most = Math.max(...went.map(({ score }) => score!));
    for (const { left, score } of report.groups) if (left) expect(score).toBeGreaterThanOrEqual(most);
    expect(report.settings).toMatchObject({ units: ['blocks'], criterion, sparsity: 1 / 3 });
    expect(report.settings.multiple).toBeUndefined();
    const weights = went.reduce((sum, each) => sum + each.weights, 0);
    expect(report.parameters.before - report.parameters.after).toBe(weights);
    // a few numbers stand in Constant nodes
    const stored = parameters(gpt) - parameters(asked.output.model);
    expect(stored).toBeLessThanOrEqual(weights);
    expect(stored).toBeGreaterThan(weights - 20);
    expect(report.proof.apart).toBeLessThan(1e-5);
    expect(readdirSync(dirname(asked.output.model)).sort()).toEqual(['pruned.onnx', 'report']);
    const page = readFileSync(join(asked.output.report, 'report.html'), 'utf8');
    expect(page).toContain('2 of 6 blocks went');
    expect(page).toContain('2 that went');
  });
});

test('of branches, an attention or an MLP goes by itself; names choose which', async () => {
  const layers = { include: [], exclude: ['re:h\\.[0-4]\\.'] };
  const report = await shrink(request({ depth: 'branches', layers, amount: { kind: 'sparsity', sparsity: 0.5 } }));
  expect(report.groups.map(({ kind, left }) => [kind, left]).sort()).toEqual([
    ['branches', 0],
    ['branches', 1],
  ]);
  expect(new Set(report.left.map(({ reason }) => reason))).toEqual(
    new Set(['not among what was asked for', 'what it makes is not added to what goes past it']),
  );
  const lost = request({ layers: { include: ['nothing'], exclude: [] } });
  await expect(shrink(lost)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/--include 'nothing' matches no weight of 6 blocks/),
  });
});

const descent = { ...reconstructionDefaults.descent, rate: retrainRate, epochs: 2, leastSamples: 0 };
const reconstruction = { ...reconstructionDefaults, retrain: true, descent };

test('what is left is trained again', async () => {
  const [bare, trained] = [await shrink(request()), await shrink(request({ reconstruction }))];
  expect(trained.groups).toEqual(bare.groups);
  expect(trained.quality!.after).toBeLessThan(bare.quality!.after);
  expect(trained.proof.apart).toBeLessThan(1e-4);
});

test('a run that was stopped goes on to the same bytes', async () => {
  const { evaluation: _, ...asked } = request({ reconstruction });
  await shrink(asked);
  const halted = { ...asked, output: outputIn(newFolder()) };
  const stopping = jobContext((event, abort) => {
    if (event.type === 'progress' && event.stage === 'retrain' && event.done > 0) abort();
  });
  await expect(shrink(halted, stopping)).rejects.toThrow();
  expect(existsSync(halted.output.model)).toBe(false);
  await shrink(halted);
  expect(readFileSync(halted.output.model).equals(readFileSync(asked.output.model))).toBe(true);
});

describe('targets', () => {
  test.each([
    ['parameters', 0.8, 2],
    ['flops', 0.9, 1],
    ['bytes', 0.7, 3],
  ] as const)('%s', async (of, fraction, count) => {
    const report = await shrink(request({ criterion: 'magnitude', amount: { kind: 'target', of, fraction } }));
    expect(report.groups.filter(({ left }) => left === 0)).toHaveLength(count);
  });

  test('out of reach', async () => {
    const asked = request({ criterion: 'magnitude', amount: { kind: 'target', of: 'parameters', fraction: 0.1 } });
    await expect(shrink(asked)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/with all blocks gone; choose a higher target/),
    });
    expect(existsSync(asked.output.model)).toBe(false);
  });
});

test('a fraction of less than one half of a block is none', async () => {
  const asked = request({ criterion: 'magnitude', amount: { kind: 'sparsity', sparsity: 0.05 } });
  await expect(shrink(asked)).rejects.toMatchObject({
    exitCode: 3,
    message: 'shrink: expected blocks to go at sparsity 0.05, got none: there are 6 of them; raise --sparsity',
  });
});

test('a dry run lists blocks, what stays and why', async () => {
  const plan = await tryShrink(request(), jobContext());
  expect(plan.groups.map(({ left }) => left)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(plan.left.map(({ reason }) => reason)).toEqual(['what it makes is not added to what goes past it']);
  expect(existsSync(plan.model)).toBe(true);
});

test('a model whose keys are outputs keeps its attentions', async () => {
  const n = new Network();
  const presents: ReturnType<typeof n.linear>[] = [];
  const step = (h: (typeof presents)[number]) => {
    const x = n.norm(h);
    const key = n.linear(x);
    presents.push(key);
    const s = n.g.add(n.linear(n.g.matmul(n.g.matmul(x, n.g.transpose(key, [0, 2, 1])), x)), h);
    return n.g.add(n.mlp(n.norm(s)), s);
  };
  const graph = n.graph(n.linear(n.norm(times(2, step, n.embed(tokens(n))))), ...presents);
  const model = join(newFolder(), 'cached.onnx');
  await save({ graph, irVersion: 8, producer: 'test', metadata: new Map() }, model);
  const asked = { model, criterion: 'magnitude' as const, amount: { kind: 'sparsity' as const, sparsity: 0.5 } };
  const bare = ({ calibration: _, evaluation: __, ...rest }: Request): Request => rest;
  const report = await shrink(bare(request({ ...asked, depth: 'branches' })));
  expect(report.groups.map(({ left }) => left).sort()).toEqual([0, 1]);
  expect(report.left.filter(({ reason }) => reason.includes('is an output of the model'))).toHaveLength(4);
  await expect(shrink(bare(request(asked)))).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(
      /^.*cached\.onnx: expected blocks that can go, found none \('.*' in it is an output/,
    ),
  });
});

test('a model that adds up in a function is left alone', async () => {
  const n = new Network();
  const [x, weight] = [n.input('x', [2, width]), n.weight(width, width)];
  const inner = new Builder();
  const [a, w] = [inner.value('a'), inner.value('w')];
  const sum = inner.add(inner.matmul(a, w), a);
  const opsets = new Map([['', 17]]);
  const body = {
    ...n.graph(sum),
    name: 'Residual',
    opsets,
    inputs: [a, w],
    nodes: inner.nodes,
    initializers: new Map(),
  };
  const h = n.linear(x);
  const [y] = n.g.ops('Residual', [h, weight], 1, {}, 'own');
  const residual = { domain: 'own', name: 'Residual', overload: '', body, attributes: [], defaults: {} };
  const graph = { ...n.graph(n.linear(y!)), opsets: new Map([...opsets, ['own', 1]]), functions: [residual] };
  const model = join(newFolder(), 'function.onnx');
  await save({ graph, irVersion: 8, producer: 'test', metadata: new Map() }, model);
  await expect(shrink(request({ model, criterion: 'magnitude' }))).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(/none \(it stands in a function or in a branch of control flow\)/),
  });
});

test('norms of quantised blocks are of what their integers stand for', async () => {
  const normsOf = async (model: Model): Promise<Float64Array> => {
    const scene = await setBlockScene(model, { depth: 'blocks', layers: { include: [], exclude: [] } }, 'net');
    return (await lookAtBlocks(scene, [], undefined, { provider: 'cpu', threads: 1 }, jobContext())).norms;
  };
  const dense = openModel(gpt);
  const [stored, quantised] = [
    await normsOf(dense),
    await normsOf({ ...dense, graph: (await converted(int8, dense)).graph }),
  ];
  expect(quantised).toHaveLength(6);
  for (const [i, norm] of stored.entries()) expect(Math.abs(quantised[i]! / norm - 1)).toBeLessThan(0.01);
});
