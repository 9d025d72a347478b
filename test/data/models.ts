/** Small graphs and files that the tests of this folder share. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { Dimension, Graph, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import type { DataType } from '../../src/tensor/dtype.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const gptSotu = join(root, 'models/gpt-sotu');

export type InputSpec = readonly [name: string, dtype: DataType, shape: readonly Dimension[]];

const graphOf = (inputs: readonly Value[], g: Builder, outputs: readonly Value[]): Graph => ({
  name: 'test',
  inputs,
  outputs,
  nodes: g.nodes,
  initializers: g.initializers,
  opsets: new Map([['', 17]]),
  functions: [],
});

const inputOf = ([name, dtype, shape]: InputSpec): Value => ({ name, type: { dtype, shape } });

/** A graph with these inputs that computes nothing. */
export const graphWith = (...inputs: readonly InputSpec[]): Graph => graphOf(inputs.map(inputOf), new Builder(), []);

/** A bigram model: logits of the next token are a row of `table`, [vocabulary, vocabulary]. */
export function bigram(
  table: readonly (readonly number[])[],
  ids: InputSpec = ['input_ids', 'int64', ['batch', 'sequence']],
): Graph {
  const input = inputOf(ids);
  const size = table.length;
  const g = new Builder();
  const weights = g.constant(float32([size, size], Float32Array.from(table.flat())), 'table');
  const logits: Value = { name: 'logits', type: { dtype: 'float32', shape: [...ids[2], size] } };
  g.nodes.push({ name: 'gather', op: 'Gather', domain: '', inputs: [weights, input], outputs: [logits], attrs: {} });
  return graphOf([input], g, [logits]);
}

/** Writes files into a folder of their own, removed when the tests of the file are done. */
export function temporaryFolder(): { folder: string; write(name: string, content: string | Uint8Array): string } {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-data-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    write(name, content) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return path;
    },
  };
}

/** One token a letter: 'a' is 3, and so on; `<s>` (1) stands before a text when `begins`. */
export function letterTokenizer({ begins = false } = {}): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz \n.';
  const vocab = Object.fromEntries(['<unk>', '<s>', '</s>', ...letters].map((token, id) => [token, id]));
  const special = ['<unk>', '<s>', '</s>'].map((content, id) => ({ id, content, special: true, normalized: false }));
  const template = [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }];
  return JSON.stringify({
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: null,
    post_processor: begins
      ? { type: 'TemplateProcessing', single: template, pair: template, special_tokens: {} }
      : null,
    decoder: { type: 'Fuse' },
    model: { type: 'BPE', unk_token: '<unk>', vocab, merges: [] },
  });
}

export const idsOf = (t: Tensor | undefined): number[] =>
  t ? Array.from(new BigInt64Array(t.payload.read().slice().buffer), Number) : [];
