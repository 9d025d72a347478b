import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { weightsOf } from '../../src/autodiff/weights.js';
import { logitsOf } from '../../src/evaluate/index.js';
import type { Graph, Model, Node, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { dataOf, float32, type Tensor } from '../../src/tensor/tensor.js';
import { backbones } from '../../src/train/backbones/index.js';
import { serve } from '../../src/train/serve/serving.js';
import { trainableOf } from '../../src/train/start/trainable.js';
import { temporaryFolder } from '../data/models.js';
import { graphOf, node, numbers, typed, waves } from '../helpers/graphs.js';
import { shared } from '../helpers/shared.js';
import { expectClose, shares, softmax, zOfRows } from './plain.js';

const { folder } = temporaryFolder();
const extent = { channels: 2, length: 20 };
const classes = ['rest', 'walk', 'run'];

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

  test('one that standardises already stays so, and by the same numbers when it is trained on', () => {
    const graph = backbones.fcn.build({ ...extent, classes: 3, width: 8 }, 0);
    const scales = [1, 2].map((each) => ({ offset: each, divisor: each }));
    const start = serve(graph, { classes, standardise: { kind: 'z', over: scales }, extent });
    expect(trainableOf(start.graph).map(({ name }) => name)).toEqual(weightsOf(graph).map(({ name }) => name));
    const again = serve(start.graph, { start, classes, standardise: { kind: 'none' }, extent });
    expect(again.graph).toEqual(start.graph);
    expect(again.metadata.get('standardise')).toBe(JSON.stringify({ kind: 'z', over: scales }));
    const twice = () => serve(start.graph, { start, classes, standardise: { kind: 'min-max', over: 'each' }, extent });
    const message =
      'standardise: expected none, as the model standardises its input itself ({"kind":"z","over":[{"offset":1,"divisor":1},{"offset":2,"divisor":2}]}), got min-max; leave it out';
    expect(twice).toThrow(expect.objectContaining({ message, exitCode: 2 }));
  });
});

const inGraph = (graph: Graph, { name }: Value): Value =>
  graph.nodes.flatMap(({ outputs }) => outputs).find((value) => value?.name === name)!;
