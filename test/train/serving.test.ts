import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seriesFeed } from '../../src/data/preprocess/series.js';
import type { Scale, Standardise } from '../../src/data/preprocess/standardise.js';
import type { Column } from '../../src/data/reader.js';
import { SeriesCollector } from '../../src/data/readers/series-records.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { random } from '../../src/tensor/random.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { backbones } from '../../src/train/backbones/index.js';
import { serve } from '../../src/train/serve/serving.js';
import type { Standardisation } from '../../src/train/serve/standardise.js';
import { temporaryFolder } from '../data/models.js';
import { graphOf, node, numbers, typed, waves } from '../helpers/graphs.js';
import { expectClose, softmax } from './plain.js';

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
