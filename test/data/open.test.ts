import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSamples, type SampleOptions } from '../../src/data/open.js';
import { batchesOf, feedsFor } from '../../src/data/samples.js';
import { load } from '../../src/onnx/load.js';
import { Builder } from '../../src/ops/builder.js';
import { encodeNpy, loadNpy } from '../../src/tensor/npy.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32, int64 } from '../../src/tensor/tensor.js';
import { shared } from '../helpers/shared.js';
import { bigram, gptSotu, graphWith, type InputSpec, idsOf, letterTokenizer, root, temporaryFolder } from './models.js';

const { folder, write } = temporaryFolder();
const model = join(folder, 'model.onnx');
const tokenizer = write('tokenizer.json', letterTokenizer());
const text = write('a.txt', 'abcdefghijklmnopqrstuvwxyz');
const ids = write('ids.npy', encodeNpy(int64([3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])));
const graph = graphWith(['input_ids', 'int64', ['batch', 'sequence']]);
const images = write(
  'images.npz',
  encodeNpz(
    new Map([
      [
        'image',
        float32(
          [5, 2],
          Float32Array.from({ length: 10 }, (_, i) => i),
        ),
      ],
      ['labels', int64([5], [0, 1, 2, 3, 4])],
    ]),
  ),
);

describe('openSamples', () => {
  test('text is tokenised by the tokenizer beside the model and cut', async () => {
    const samples = await openSamples(graph, [text], { model, seqLen: 5 });
    expect(samples.count).toBe(5);
    expect(samples.tokens?.shape).toEqual([5, 5]);
    expect(idsOf(samples.batch(1, 2).get(graph.inputs[0]!))).toEqual([8, 9, 10, 11, 12]);
    expect(samples.provenance).toMatchObject({
      description:
        'text: 1 documents, documents joined with "\\n\\n"; 5 windows of 5 tokens from the start, side by side',
      seqLen: 5,
      samples: 5,
    });
    const sha256 = createHash('sha256').update('abcdefghijklmnopqrstuvwxyz').digest('hex');
    expect(samples.provenance.files.map(({ path }) => path)).toEqual([tokenizer, text]);
    expect(samples.provenance.files[1]).toEqual({ path: text, sha256, bytes: 26 });
  });

  test('token ids are windows, or a stream to cut', async () => {
    expect((await openSamples(graph, [ids])).tokens?.shape).toEqual([3, 4]);
    const stream = write('stream.npy', encodeNpy(int64([7], [0, 1, 2, 3, 4, 5, 6])));
    expect(idsOf((await openSamples(graph, [stream], { seqLen: 3 })).tokens)).toEqual([0, 1, 2, 3, 4, 5]);
    const named = write('named.npz', encodeNpz(new Map([['input_ids', int64([1, 2], [4, 5])]])));
    expect(idsOf((await openSamples(graph, [named])).tokens)).toEqual([4, 5]);
  });

  test('labels in an array are the numbers of the classes, or those that are listed', async () => {
    const named = write(
      'labelled.npz',
      encodeNpz(
        new Map([
          ['image', float32([2, 2], new Float32Array(4))],
          ['labels', float32([2], Float32Array.of(7, -1))],
        ]),
      ),
    );
    const samples = await openSamples(graphWith(['image', 'float32', ['N', 2]]), [named], { classes: [-1, 7] });
    expect([samples.labels, samples.classes]).toEqual([Int32Array.of(1, 0), ['-1', '7']]);
    expect(samples.provenance.description).toContain('labels -1, 7 are the classes 0 to 1, as given');
  });

  test('arrays feed other models, with labels', async () => {
    const vision = graphWith(['image', 'float32', ['N', 2]]);
    const samples = await openSamples(vision, [images], { samples: 4 });
    expect([samples.count, samples.labels]).toEqual([4, Int32Array.of(0, 1, 2, 3)]);
    expect(samples.provenance.description).toBe("arrays: 'image'; 4 of 5 samples from the start");
    const drawn = await openSamples(vision, [images], { samples: 4, order: 'random', seed: 7 });
    expect(drawn.provenance.description).toBe("arrays: 'image'; 4 of 5 samples drawn with seed 7");
  });

  test('a model of fixed batch gets full batches', async () => {
    const fixed = graphWith(['input_ids', 'int64', [2, 4]]);
    const samples = await openSamples(fixed, [ids]);
    expect(samples.fixedBatch).toBe(2);
    expect(idsOf(samples.batch(2, 3).get(fixed.inputs[0]!))).toEqual([8, 9, 10, 11, 8, 9, 10, 11]);
    expect(() => samples.batch(0, 3)).toThrow(
      'data: expected batches of 2, which the model fixes, got 3; leave the batch size out',
    );
    expect([...batchesOf(samples, 1)]).toHaveLength(1);
  });

  test('the length of windows is what the model knows', async () => {
    const fixed = graphWith(['input_ids', 'int64', ['batch', 13]]);
    expect((await openSamples(fixed, [text], { model })).tokens?.shape).toEqual([2, 13]);
    expect((await openSamples(withPositions(6), [text], { model })).tokens?.shape).toEqual([4, 6]);
  });

  const twoInputs: InputSpec[] = [
    ['input_ids', 'int64', ['b', 's']],
    ['image', 'float32', ['b', 3]],
  ];
  const small = bigram([
    [0, 0],
    [0, 0],
  ]);
  test.each<[string, () => [typeof graph, string[], SampleOptions?], string | RegExp]>([
    ['no file', () => [graph, []], 'data: expected at least one file, got none'],
    ['a missing file', () => [graph, ['none.txt']], 'none.txt: no such file'],
    [
      'an unknown kind',
      () => [graph, [write('a.docx', '')]],
      /a.docx: expected a name that ends in .txt, .*, got '.docx'; convert it, or say what it is \(--kind\)/,
    ],
    ['a mixture', () => [graph, [text, ids]], 'data: expected files of one kind, got text and arrays'],
    [
      'text without a tokenizer',
      () => [graph, [text], { model: '/nowhere/else/model.onnx' }],
      `${text}: text needs a tokenizer.json, and none lies beside the model; give its path or token ids (.npy)`,
    ],
    [
      'text for another model',
      () => [graphWith(['image', 'float32', ['N', 2]]), [text]],
      "the model has no input of token ids for text, it has 'image'; give .npy or .npz arrays",
    ],
    [
      'windows of one token',
      () => [graph, [text], { model, seqLen: 1 }],
      'expected windows of at least 2 tokens, got 1',
    ],
    [
      'too long windows',
      () => [graph, [text], { model, seqLen: 27 }],
      'expected 1 windows of 27 tokens, got 0 from 26 tokens',
    ],
    [
      'another length than the model fixes',
      () => [graphWith(['input_ids', 'int64', ['b', 8]]), [text], { model, seqLen: 4 }],
      'expected windows of 8 tokens, which the model fixes, got 4',
    ],
    [
      'more positions than the model knows',
      () => [withPositions(6), [text], { model, seqLen: 7 }],
      'expected windows of at most 6 tokens, the positions the model knows, got 7',
    ],
    [
      'ids that the model does not know',
      () => [small, [ids]],
      `${ids}: expected token ids in [0, 2), got 2 in window 0; use the tokenizer the model was trained with`,
    ],
    [
      'ids of three axes',
      () => [graph, [write('cube.npy', encodeNpy(int64([1, 1, 1], [0])))]],
      'expected token ids of shape [windows, length] or [tokens], got [1, 1, 1]',
    ],
    [
      'an input without data',
      () => [graphWith(...twoInputs), [ids]],
      "no data for the inputs 'image'; say what role each plays, or give all inputs as .npz arrays",
    ],
  ])('refuses %s', async (_, make, message) => {
    const [g, files, options] = make();
    await expect(openSamples(g, files, options)).rejects.toThrow(message);
  });
});

/** A model with a table of learned positions, looked up by a range. */
function withPositions(rows: number) {
  const base = bigram(Array.from({ length: 40 }, () => new Array<number>(40).fill(0)));
  const g = new Builder();
  const table = g.constant(float32([rows, 1], new Float32Array(rows)));
  const range = g.op('Range', [g.constant(int64([], [0])), g.constant(int64([], [1])), g.constant(int64([], [1]))]);
  g.op('Gather', [table, g.unsqueeze(range, [0])]);
  return g.appendTo(base);
}

describe('batchesOf', () => {
  const sizes = async (size: number, options = {}) => {
    const samples = await openSamples(graph, [ids]);
    return [...batchesOf(samples, size, options)].map((feeds) => [...feeds.values()][0]!.shape[0]);
  };

  test('covers all samples, the last run shorter or dropped', async () => {
    expect(await sizes(2)).toEqual([2, 1]);
    expect(await sizes(2, { short: 'drop' })).toEqual([2]);
    expect(await sizes(8)).toEqual([3]);
    await expect(sizes(8, { short: 'drop' })).rejects.toThrow(
      'data: expected at least 8 samples, the size of a run, got 3; give more',
    );
  });

  test('feedsFor finds another graph’s inputs by name', () => {
    const other = graphWith(['input_ids', 'int64', ['b', 's']]);
    const feeds = new Map([[graph.inputs[0]!, int64([1, 1], [5])]]);
    expect(idsOf(feedsFor(other.inputs, feeds).get(other.inputs[0]!))).toEqual([5]);
    expect(() => feedsFor(graphWith(['x', 'int64', []]).inputs, feeds)).toThrow(
      "data: expected samples for the input 'x', got none",
    );
  });
});

describe('the bundled descriptors', () => {
  const gpt = load(join(gptSotu, 'model.onnx')).graph;
  const evaluation = shared('models/gpt-sotu/eval-tokens.npy');

  test.skipIf(!evaluation)('held-out windows are the reference evaluation set', async () => {
    const samples = await openSamples(gpt, [join(root, 'calibration/sotu-heldout.yaml')]);
    expect(idsOf(samples.tokens)).toEqual(idsOf(loadNpy(evaluation!)));
  });

  test('calibration draws 128 windows of training text', async () => {
    const samples = await openSamples(gpt, [join(root, 'calibration/sotu.yaml')], { samples: 16 });
    expect(samples.tokens?.shape).toEqual([16, 128]);
    expect(samples.provenance.description).toMatch(
      /: 214 documents, '<\|endoftext\|>' before each document; 16 windows of 128 tokens drawn with seed 0$/,
    );
    expect(samples.provenance.files).toHaveLength(216);
  });
});
