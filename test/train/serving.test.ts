import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seriesFeed } from '../../src/data/preprocess/series.js';
import type { Scale, Standardise } from '../../src/data/preprocess/standardise.js';
import type { Column } from '../../src/data/reader.js';
import { SeriesCollector } from '../../src/data/readers/series-records.js';
import { logitsOf } from '../../src/evaluate/index.js';
import type { Graph, Model, Node, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { random } from '../../src/tensor/random.js';
import { dataOf, float32, type Tensor } from '../../src/tensor/tensor.js';
import { backbones } from '../../src/train/backbones/index.js';
import { serve } from '../../src/train/serving.js';
import type { Standardisation } from '../../src/train/standardise.js';
import { temporaryFolder } from '../data/models.js';
import { graphOf, node, numbers, typed, waves } from '../helpers/graphs.js';
import { shared } from '../helpers/shared.js';

const { folder } = temporaryFolder();
const [channels, length] = [2, 20];
const extent = { channels, length };
const classes = ['rest', 'walk', 'run'];

/** Waves far from zero, of ends of their own where asked; the second has a constant channel, which no sum of it keeps exact. */
function drawn(isUneven: boolean): ReadonlyMap<string, Column> {
  const collector = new SeriesCollector();
  const ends = isUneven ? [20, 13, 7] : [20, 20, 20];
  for (const [row, end] of ends.entries()) {
    const values = random(row, 'series').normals(2 * end);
    const channel = (c: number): number[] =>
      Array.from({ length: end }, (_, i) => (row === 1 && c === 0 ? 0.1 : 30 * (c + 1) + 5 * values[c * end + i]!));
    collector.add([channel(0), channel(1)], undefined, 'test');
  }
  return collector.finish({ kind: 'test' }, 'test').columns as ReadonlyMap<string, Column>;
}

const rows = Uint32Array.of(0, 1, 2);
const scales: readonly Scale[] = [
  { offset: 31, divisor: 4 },
  { offset: 58, divisor: 7 },
];

/** How series are scaled before they are fed, and the same inside the model. */
const ways: readonly { way: string; before: Standardise | undefined; inside: Standardisation }[] = [
  { way: 'none', before: undefined, inside: { kind: 'none' } },
  { way: 'z of each', before: { kind: 'z', over: 'each' }, inside: { kind: 'z', over: 'each' } },
  { way: 'min-max of each', before: { kind: 'min-max', over: 'each' }, inside: { kind: 'min-max', over: 'each' } },
  { way: 'z by channel', before: { kind: 'z', over: { file: 'train' } }, inside: { kind: 'z', over: scales } },
  {
    way: 'min-max by numbers',
    before: { kind: 'min-max', over: { numbers: [40, 43] } },
    inside: { kind: 'min-max', over: [{ offset: 40, divisor: 3 }] },
  },
];

describe('a backbone that is served', () => {
  const cases = ways.flatMap((way) => [false, true].map((masked) => ({ ...way, masked })));
  test.each(cases)('$way (masked: $masked): as the series standardised, then the bare model', async (each) => {
    const { way, before, inside, masked } = each;
    const graph = backbones.fcn.build({ ...extent, classes: 3, width: 8, masked }, 0);
    const model = serve(graph, { classes, standardise: inside, extent });
    verify(model.graph);
    const path = join(folder, `${way}-${masked}.onnx`);
    await save(model, path);
    const served = load(path).graph;
    expect(served.inputs).toEqual(graph.inputs);
    expect(served.outputs.map(({ name }) => name)).toEqual(['logits', 'probabilities']);

    const columns = drawn(masked);
    const mask = columns.get('mask')?.read(rows);
    const [input] = graph.inputs as [Value];
    const feed = (options: Parameters<typeof seriesFeed>[2]): Tensor =>
      seriesFeed(input, columns.get('series')!, options, 'test').column.read(rows);
    const fed = (series: Tensor) => ({ input: series, ...(mask && { mask }) });
    const found = await numbers(served, fed(feed({})));
    const bare = await numbers(graph, fed(feed({ standardise: before, scales: new Map([[input, scales]]) })));
    expectClose(found.logits!, bare.logits!);
    expectClose(found.probabilities!, softmax(bare.logits!, 3));
  });

  test('a constant series is zeros, to the bit', async () => {
    const [x, y] = [typed('input', ['batch', 2, 4]), typed('logits', ['batch', 8])];
    const graph = graphOf({ inputs: [x], outputs: [y], nodes: [node('Flatten', [x], [y])] });
    const constant = float32([1, 2, 4], Float32Array.of(0.1, 0.1, 0.1, 0.1, 1e30, 1e30, 1e30, 1e30));
    for (const kind of ['z', 'min-max'] as const) {
      const names = Array.from({ length: 8 }, String);
      const served = serve(graph, {
        classes: names,
        standardise: { kind, over: 'each' },
        extent: { channels: 2, length: 4 },
      });
      const { logits } = await numbers(served.graph, { input: constant });
      expect(logits).toEqual(new Array(8).fill(0));
    }
  });

  test('a series without any value gives numbers too', async () => {
    const graph = backbones.fcn.build({ ...extent, classes: 3, width: 8, masked: true }, 0);
    const served = serve(graph, { classes, standardise: { kind: 'z', over: 'each' }, extent });
    const fed = { input: waves([1, 2, 20]), mask: float32([1, 20], new Float32Array(20)) };
    expect((await numbers(served.graph, fed)).logits!.every(Number.isFinite)).toBe(true);
  });

  test('tells its classes, what it does to its input, and what else it is given', () => {
    const graph = backbones.fcn.build({ ...extent, classes: 3, width: 8 }, 0);
    const standardise: Standardisation = { kind: 'z', over: scales };
    const model = serve(graph, { classes, standardise, extent, metadata: new Map([['algorithm', 'mixmatch']]) });
    expect(model.producer).toBe('onnx-scalpel');
    expect(JSON.parse(model.metadata.get('classes')!)).toEqual(classes);
    expect(JSON.parse(model.metadata.get('standardise')!)).toEqual(standardise);
    expect(model.metadata.get('trained_with')).toMatch(/^onnx-scalpel \d/);
    expect(model.metadata.get('algorithm')).toBe('mixmatch');
  });
});

/** A user's model of one sort of scores, its opset and layout its own. */
function usersModel(
  tail: (y: Value) => readonly Node[],
  scores: Value,
  opset: number,
  shape: readonly number[],
): Model {
  const x = typed('x', ['n', ...shape]);
  const [flat, raw, weight] = [{ name: 'flat' }, { name: 'raw' }, typed('weight', [6, 3])] as [Value, Value, Value];
  const width = scores.type!.shape![1] as number;
  const graph = graphOf({
    inputs: [x],
    outputs: [scores],
    nodes: [node('Flatten', [x], [flat]), node('MatMul', [flat, weight], [raw]), ...tail(raw)],
    initializers: new Map([[weight, waves([6, width])]]),
    opsets: new Map([['', opset]]),
  });
  return { graph, irVersion: 7, producer: 'somebody', metadata: new Map([['note', 'kept']]) };
}

const [inner, taken]: readonly [Value, Value] = [{ name: 'logits' }, { name: 'probabilities' }];
const out = (name: string, width = 3): Value => typed(name, ['n', width]);

describe("a user's model that is served", () => {
  const cases: readonly (readonly [string, Value, (raw: Value, y: Value) => Node[], readonly string[]])[] = [
    ['logits by another name', out('y'), (raw, y) => [node('Identity', [raw], [y])], ['y', 'logits', 'probabilities']],
    ['logits', out('logits'), (raw, y) => [node('Identity', [raw], [y])], ['logits', 'probabilities']],
    [
      'probabilities',
      out('probabilities'),
      (raw, y) => [node('Softmax', [raw], [y], { axis: 1 })],
      ['probabilities', 'logits'],
    ],
    ['a Softmax', out('y'), (raw, y) => [node('Softmax', [raw], [y], { axis: 1 })], ['y', 'logits', 'probabilities']],
    ['a Sigmoid a class', out('y'), (raw, y) => [node('Sigmoid', [raw], [y])], ['y', 'logits', 'probabilities']],
    [
      'a Softmax of what is called logits inside',
      out('y'),
      (raw, y) => [node('Identity', [raw], [inner]), node('Softmax', [inner], [y], { axis: 1 })],
      ['y', 'logits', 'probabilities'],
    ],
    [
      'what is called probabilities inside, and is not',
      out('logits'),
      (raw, y) => [node('Identity', [raw], [taken]), node('Identity', [taken], [y])],
      ['logits', 'scalpel/probabilities'],
    ],
    ['one logit', out('logits', 1), (raw, y) => [node('Identity', [raw], [y])], ['logits', 'probabilities']],
    ['one probability', out('y', 1), (raw, y) => [node('Sigmoid', [raw], [y])], ['y', 'logits', 'probabilities']],
  ];
  test.each(cases)('%s: what it lacks is added', async (kind, scores, make, names) => {
    const single = scores.type!.shape![1] === 1;
    const start = usersModel((raw) => make(raw, scores), scores, 11, [2, 3]);
    const served = serve(start.graph, {
      start,
      classes: single ? ['no', 'yes'] : classes,
      standardise: { kind: 'z', over: 'each' },
      extent: { channels: 2, length: 3 },
    });
    verify(served.graph);
    expect(served.graph.outputs.map(({ name }) => name)).toEqual(names);
    const x = waves([2, 2, 3]);
    const found = await numbers(served.graph, { x });
    const unit = float32([2, 2, 3], Float32Array.from(zOfRows(Array.from(dataOf(x), Number), 3)));
    const bare = await numbers(
      { ...start.graph, outputs: [{ name: 'raw' }, scores].map((value) => inGraph(start.graph, value)) },
      { x: unit },
    );
    expectClose(found[scores.name]!, bare[scores.name]!);
    expectClose(found.logits!, bare.raw!);
    const raw = bare.raw!;
    const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
    const expected = single
      ? raw.flatMap((z) => [1 - sigmoid(z), sigmoid(z)])
      : kind === 'a Sigmoid a class'
        ? shares(raw.map(sigmoid), 3)
        : softmax(raw, 3);
    expectClose(found[served.graph.outputs.at(kind === 'probabilities' ? 0 : -1)!.name]!, expected);
    expect(served).toMatchObject({ irVersion: 7, producer: 'somebody' });
    expect(served.metadata.get('note')).toBe('kept');
  });

  test.each([
    ['channels last', [3, 2]],
    ['no axis of channels', [6]],
  ] as const)('%s', async (_, shape) => {
    const scores = out('logits');
    const start = usersModel((raw) => [node('Identity', [raw], [scores])], scores, 13, shape);
    const wide = shape.length === 1;
    const served = serve(start.graph, {
      start,
      classes,
      standardise: { kind: 'z', over: 'each' },
      extent: wide ? { channels: 1, length: 6 } : { channels: 2, length: 3 },
    });
    const values = Array.from({ length: 12 }, (_, i) => Math.sin(i * i));
    // [n, steps, channels] by way of [n, channels, steps]
    const turned = (flat: readonly number[], from: number, to: number): number[] =>
      flat.map((_, i) => flat[i - (i % 6) + ((i % 6) % to) * from + Math.floor((i % 6) / to)]!);
    const expected = wide ? zOfRows(values, 6) : turned(zOfRows(turned(values, 2, 3), 3), 3, 2);
    const x = (flat: readonly number[]): Tensor => float32([2, ...shape], Float32Array.from(flat));
    const found = await numbers(served.graph, { x: x(values) });
    expectClose(found.logits!, (await numbers(start.graph, { x: x(expected) })).logits!);
  });

  const real = shared('models/fcn-ucr/ECG200_fcn.onnx');
  test.skipIf(!real)('a real one keeps its nodes, and is saved with what was added', async () => {
    const start = load(real!);
    const served = serve(start.graph, {
      start,
      classes: ['-1', '1'],
      standardise: { kind: 'min-max', over: [{ offset: -2, divisor: 5 }] },
      extent: { channels: 1, length: 96 },
    });
    const path = join(folder, 'ecg.onnx');
    await save(served, path);
    const { graph, metadata } = load(path);
    expect(logitsOf(graph, 2).name).toBe('logits');
    expect(graph.nodes.map(({ op }) => op)).toEqual(expect.arrayContaining(start.graph.nodes.map(({ op }) => op)));
    expect(metadata.get('classes')).toBe('["-1","1"]');
    const x = waves([3, 1, 96]);
    const scaled = float32(
      x.shape,
      (dataOf(x) as Float32Array).map((value) => (value + 2) / 5),
    );
    const { logits } = await numbers(start.graph, { input: scaled });
    const found = await numbers(graph, { input: x });
    expectClose(found.logits!, logits!);
    expectClose(
      found.probabilities!,
      logits!.flatMap((z) => [1 / (1 + Math.exp(z)), 1 / (1 + Math.exp(-z))]),
    );
  });

  test('one that standardises already stays so', () => {
    const graph = backbones.fcn.build({ ...extent, classes: 3, width: 8 }, 0);
    const start = serve(graph, { classes, standardise: { kind: 'z', over: 'each' }, extent });
    const again = serve(start.graph, { start, classes, standardise: { kind: 'none' }, extent });
    expect(again.graph).toEqual(start.graph);
    expect(again.metadata.get('standardise')).toBe('{"kind":"z","over":"each"}');
    const twice = () => serve(start.graph, { start, classes, standardise: { kind: 'min-max', over: 'each' }, extent });
    const message =
      'standardise: expected none, as the model standardises its input itself ({"kind":"z","over":"each"}), got min-max; leave it out';
    expect(twice).toThrow(expect.objectContaining({ message, exitCode: 2 }));
  });
});

describe('refusals', () => {
  const graph = backbones.fcn.build({ ...extent, classes: 3, width: 8 }, 0);
  const half: Graph = { ...graph, inputs: [typed('input', ['batch', 2, 20], 'float64')] };
  const single = backbones.fcn.build({ channels: 2, length: 1, classes: 3, width: 8 }, 0);
  test.each([
    [graph, { classes: ['a'] }, "classes: expected 3 names, one a class of 'logits', got 1; name each class once", 2],
    [
      graph,
      { standardise: { kind: 'z', over: [...scales, ...scales] } },
      'standardise: expected scales for 2 channels, got 4; give one each',
      2,
    ],
    [
      single,
      { standardise: { kind: 'z', over: 'each' }, extent: { channels: 2, length: 1 } },
      'standardise: expected scales for single numbers, got z of each by itself; say by what they are scaled',
      2,
    ],
    [
      half,
      { standardise: { kind: 'z', over: 'each' } },
      "standardise: expected one input of series in float32, got 'input' float64; train without (none)",
      3,
    ],
  ] as const)('%#', (served, changes, message, exitCode) => {
    const options = { classes, standardise: { kind: 'none' }, extent, ...changes } as const;
    expect(() => serve(served, options)).toThrow(expect.objectContaining({ message, exitCode }));
  });
});

const inGraph = (graph: Graph, { name }: Value): Value =>
  graph.nodes.flatMap(({ outputs }) => outputs).find((value) => value?.name === name)!;

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
}

/** Groups of `width` numbers through a function. */
const grouped = (flat: readonly number[], width: number, change: (group: number[]) => number[]): number[] =>
  Array.from({ length: flat.length / width }, (_, i) => change(flat.slice(i * width, (i + 1) * width))).flat();

const shares = (flat: readonly number[], width: number): number[] =>
  grouped(flat, width, (group) => group.map((value) => value / group.reduce((a, b) => a + b)));

const softmax = (flat: readonly number[], width: number): number[] => shares(flat.map(Math.exp), width);

const zOfRows = (flat: readonly number[], width: number): number[] =>
  grouped(flat, width, (group) => {
    const mean = group.reduce((a, b) => a + b) / width;
    const deviation = Math.sqrt(group.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width);
    return group.map((value) => (value - mean) / deviation);
  });
