/** Trimmed vocabularies: logits at kept tokens, and tokens of texts, are those of the whole model. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import type { Converted, ConvertTask } from '../../src/convert/index.js';
import { keptTokensKey, trimVocabulary } from '../../src/convert/vocabulary.js';
import { languageInputs } from '../../src/data/language-inputs.js';
import { findTokenizer, loadTokenizer, type Tokenizer } from '../../src/data/tokenizer.js';
import { difference } from '../../src/groups/apart.js';
import type { Graph, Model, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { createLinalg } from '../../src/linalg/index.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import type { Builder } from '../../src/ops/builder.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { random } from '../../src/tensor/random.js';
import { take } from '../../src/tensor/take.js';
import { float32, int64, type Tensor } from '../../src/tensor/tensor.js';
import { fixturePath, networkNames } from '../autodiff/fixtures.js';
import { shared } from '../helpers/shared.js';
import { sizes, tinyGpt } from '../helpers/tiny-gpt.js';
import { graphOf, input } from '../ops/graphs.js';
import { exported } from '../pipeline/exported.js';

const gpt = fileURLToPath(new URL('../../models/gpt-sotu/model.onnx', import.meta.url));
const stories = shared('models/stories260k/stories260K.onnx');
const text = shared('data/text/tinystories_1000.json');
const folder = mkdtempSync(join(tmpdir(), 'scalpel-vocabulary-'));
const linalg = await createLinalg({ threads: 1 });

const address =
  'Fellow citizens of the Senate and of the House of Representatives: the state of our Union is strong, and in 1861 it was not.';

async function convert(model: Model, tokens: readonly number[]): Promise<Converted & { readonly model: Model }> {
  const task: ConvertTask = {
    model,
    tokens,
    copy: () => workingCopy(model.graph),
    isChosen: () => true,
    linalg,
    threads: 1,
    signal: new AbortController().signal,
    log: () => {},
  };
  const found = await trimVocabulary.convert(task, {});
  if (found.made.kind !== 'model') throw new Error('no model');
  return { ...found, model: found.made.model };
}

const oldIds = ({ beside }: Converted): number[] => JSON.parse(beside!.get('tokens.json')!).old;

/** Of the first output: [1, tokens, vocabulary]. */
async function logits(graph: Graph, ids: readonly number[]): Promise<Tensor> {
  const copy = workingCopy(graph);
  const language = languageInputs(copy)!;
  const { fixedSeqLen: length = ids.length } = language;
  const window = Array.from({ length }, (_, i) => ids[i % ids.length]!);
  const inputs = language.fill(int64([1, length], window));
  return withProgram(copy, { threads: 1 }, async (program) => (await program.run(inputs)).get(copy.outputs[0]!)!);
}

/** @param ids old ones, all of them kept. */
async function expectSameLogits(whole: Graph, made: Converted & { readonly model: Model }, ids: readonly number[]) {
  const kept = oldIds(made);
  const wanted = take(await logits(whole, ids), 2, kept);
  const found = await logits(
    made.model.graph,
    ids.map((id) => kept.indexOf(id)),
  );
  expect(found.shape).toEqual(wanted.shape);
  expect(difference(floatsOf(found), floatsOf(wanted))).toBeLessThan(1e-5);
}

/** The tokenizer that was made, from a folder of its own. */
function tokenizerOf({ beside }: Converted): Tokenizer {
  const own = mkdtempSync(join(folder, 'tokenizer-'));
  for (const [name, content] of beside!) writeFileSync(join(own, name), content);
  return loadTokenizer(join(own, 'tokenizer.json'));
}

describe('gpt-sotu', async () => {
  const model = load(gpt);
  const whole = loadTokenizer(findTokenizer(gpt)!);
  const ids = whole.encode(address);
  const made = await convert(model, ids);
  const kept = oldIds(made);
  const small = tokenizerOf(made);

  test('keeps what was asked for, bytes, special tokens and what merges go through, and nothing else', () => {
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    for (const id of [...ids, ...Array.from({ length: 256 }, (_, i) => i), 2047]) expect(kept).toContain(id);
    expect(kept.length).toBeLessThan(500);
    expect(made.notes.join()).toMatch(
      /\d+ were asked for; 1 special ones, 2\d\d for single bytes and \d+ that merges go through were added/,
    );
    const { vocab, merges } = JSON.parse(made.beside!.get('tokenizer.json')!).model;
    expect(Object.values<number>(vocab).sort((a, b) => a - b)).toEqual([...kept.keys()]);
    for (const [one, other] of merges)
      for (const part of [one, other, one + other]) expect(vocab).toHaveProperty([part]);
  });

  test('gives texts of kept tokens the same tokens, and others some that mean the same', () => {
    expect(small.encode(address).map((id) => kept[id])).toEqual(ids);
    expect(small.decode(small.encode(address))).toBe(address);
    expect(small.encode('<|endoftext|>').map((id) => kept[id])).toEqual([2047]);
    const other = 'Zebras — 12 naïve ones 你!';
    expect(small.decode(small.encode(other))).toBe(other);
    const sentences = [' the state of the House', ' and of our Senate', ' the Union was of the state', ' in the State'];
    const ofKept = sentences.filter((sentence) => whole.encode(sentence).every((id) => kept.includes(id)));
    expect(ofKept).not.toEqual([]);
    for (const each of ofKept) expect(small.encode(each).map((id) => kept[id])).toEqual(whole.encode(each));
  });

  test('answers for kept tokens what the whole model does', () => expectSameLogits(model.graph, made, ids));

  test('is smaller, valid, says what it is, and leaves the rest as it was', async () => {
    verify(made.model.graph);
    expect(made.model.graph.outputs[0]!.type!.shape!.at(-1)).toBe(kept.length);
    const path = join(folder, 'small.onnx');
    await save(made.model, path);
    const again = load(path);
    expect(again.metadata.get(keptTokensKey)).toMatch(/^0-2\d\d,.*,2047$/);
    expect(made.tensors.map(({ name }) => name)).toEqual(expect.arrayContaining(['onnx::MatMul_732']));
    for (const { bytes } of made.tensors) expect(bytes.after / bytes.before).toBeCloseTo(kept.length / 2048, 6);
    expect(made.tensors).toHaveLength(2);
    expect(again.graph.nodes.map(({ op }) => op)).toEqual(model.graph.nodes.map(({ op }) => op));
  });
});

describe('forms of models', () => {
  const tokens = [3, 1, 4, 15, 9, 26];
  test.each([
    ['plain', {}],
    ['tied', { isTied: true }],
    ['with a cache', { hasCache: true }],
    ['half precision', { dtype: 'float16' }],
    ['tied, old opset', { isTied: true, opset: 11 }],
  ] as const)('%s', async (_, form) => {
    const { model: path } = await exported(tinyGpt(form));
    const model = load(path);
    const made = await convert(model, tokens);
    expect(oldIds(made)).toEqual([1, 3, 4, 9, 15, 26]);
    expect(made.notes.join()).toContain('no tokenizer.json of a known kind');
    verify(made.model.graph);
    await expectSameLogits(model.graph, made, tokens);
  });

  test.runIf(networkNames.length > 0).each(['gpt2', 'llama'])('%s', async (name) => {
    const model = load(fixturePath(name, 'model.onnx'));
    const made = await convert(model, tokens);
    await expectSameLogits(model.graph, made, tokens);
  });

  test.runIf(stories && text)('stories260k, with a tokenizer that merges over spaces', async () => {
    const own = mkdtempSync(join(folder, 'stories-'));
    copyFileSync(stories!, join(own, 'model.onnx'));
    const script = fileURLToPath(new URL('../../scripts/convert-llama2c-tokenizer.mjs', import.meta.url));
    execFileSync(process.execPath, [script, join(dirname(stories!), 'tokenizer.json'), join(own, 'tokenizer.json')]);
    const whole = loadTokenizer(join(own, 'tokenizer.json'));
    const texts: string[] = JSON.parse(readFileSync(text!, 'utf8')).slice(0, 3);
    const model = load(join(own, 'model.onnx'));
    const all = texts.flatMap((each) => whole.encode(each, { special: true }));
    const made = await convert(model, all);
    const kept = oldIds(made);
    expect(kept.length).toBeLessThan(512);
    const small = tokenizerOf(made);
    for (const each of texts) {
      const ids = whole.encode(each, { special: true });
      expect(small.encode(each, { special: true }).map((id) => kept[id])).toEqual(ids);
      expect(small.decode(small.encode(each))).toBe(each);
      await expectSameLogits(model.graph, made, ids.slice(0, 64));
    }
  });
});

describe('refuses', () => {
  test.each([
    [
      'no tokens',
      [],
      'trim-vocabulary: expected tokens to keep, got none; name a file of ids with --tokens, or data they occur in with --tokens-from',
    ],
    [
      'tokens that the model does not have',
      [5, sizes.vocabulary],
      'trim-vocabulary: expected token ids in [0, 32), got 32; use the tokenizer the model was trained with',
    ],
    [
      'all tokens',
      Array.from({ length: sizes.vocabulary }, (_, i) => i),
      'trim-vocabulary: expected fewer tokens than the model has, got all 32; keep some of them',
    ],
  ])('%s', async (_, tokens, message) => {
    const { model } = await exported(tinyGpt());
    await expect(convert(load(model), tokens)).rejects.toThrow(message);
  });

  const embedding = (g: Builder, x: Value) =>
    g.op('Gather', [g.constant(float32([8, 4], new Float32Array(32).fill(1)), 'table'), x]);
  test.each([
    [
      'a model without token ids',
      () => graphOf([input('x', [2, 4])], (g) => [g.op('Relu', [input('x', [2, 4])])]),
      'takes token ids',
    ],
    [
      'ids that are compared',
      (x: Value) => graphOf([x], (g) => [embedding(g, x), g.op('Equal', [x, g.ints([0])])]),
      'reads token ids as numbers',
    ],
    [
      'probabilities over the vocabulary',
      (x: Value) =>
        graphOf([x], (g) => [
          g.op('Softmax', [
            g.matmul(embedding(g, x), g.constant(float32([4, 8], random(0, 'head').normals(32)), 'head')),
          ]),
        ]),
      'expected the trimmed model to answer for kept tokens what the whole one does',
    ],
    [
      'rows looked up by stored numbers',
      (x: Value) =>
        graphOf([x], (g) => {
          const table = g.constant(float32([8, 4], random(0, 'table').normals(32)), 'table');
          return [g.op('Gather', [table, x]), g.op('Gather', [table, g.ints([3])])];
        }),
      'looks rows of',
    ],
    [
      'ids that nothing is looked up by',
      (x: Value) => graphOf([x], (g) => [g.op('Shape', [x])]),
      'expected a stored table',
    ],
  ])('%s', async (_, build, message) => {
    const graph = build({ name: 'input_ids', type: { dtype: 'int64', shape: [1, 4] } });
    await expect(convert({ graph, irVersion: 10, producer: '', metadata: new Map() }, [1, 2])).rejects.toThrow(message);
  });
});
