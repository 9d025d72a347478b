/** The converter of llama2.c tokenizers against the greedy merging that it stands for. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSamples } from '../../src/data/open.js';
import { loadTokenizer } from '../../src/data/tokenizer.js';
import { perplexity } from '../../src/evaluate/perplexity.js';
import { load } from '../../src/onnx/load.js';
import { shared } from '../helpers/shared.js';
import { root, temporaryFolder } from './models.js';

const { folder } = temporaryFolder();
const source = shared('models/stories260k/tokenizer.json');
const model = shared('models/stories260k/stories260K.onnx');
const stories = shared('data/text/tinystories_1000.json');

interface ScoredTokens {
  readonly tokens_latin1: readonly string[];
  readonly scores: readonly number[];
}

/** Characters (unknown ones as bytes), then the adjacent pair of highest score joined until none is left. */
function mergeGreedily(text: string, { tokens_latin1: tokens, scores }: ScoredTokens): number[] {
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const ids = [...` ${text}`].flatMap((character) => {
    const bytes = Buffer.from(character);
    const known = idOf.get(bytes.toString('latin1'));
    return known === undefined ? [...bytes].map((byte) => byte + 3) : [known];
  });
  for (;;) {
    let best: { at: number; id: number } | undefined;
    for (let at = 0; at + 1 < ids.length; at++) {
      const id = idOf.get(tokens[ids[at]!]! + tokens[ids[at + 1]!]!);
      if (id !== undefined && (!best || scores[id]! > scores[best.id]!)) best = { at, id };
    }
    if (!best) return [1, ...ids];
    ids.splice(best.at, 2, best.id);
  }
}

describe.skipIf(!source || !model || !stories)('a converted llama2.c tokenizer', () => {
  const path = join(folder, 'tokenizer.json');
  const convert = () => {
    execFileSync(process.execPath, [join(root, 'scripts/convert-llama2c-tokenizer.mjs'), source!, path]);
    return loadTokenizer(path);
  };

  test('gives the same ids, and the text back', () => {
    const tokenizer = convert();
    const scored: ScoredTokens = JSON.parse(readFileSync(source!, 'utf8'));
    const texts: string[] = JSON.parse(readFileSync(stories!, 'utf8'));
    for (const text of [...texts.slice(0, 20), 'naïve “é”\n\t你 done']) {
      expect(tokenizer.encode(text, { special: true })).toEqual(mergeGreedily(text, scored));
    }
    for (const text of texts.slice(0, 20)) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test('fits its model', async () => {
    convert();
    const { graph } = load(model!);
    const samples = await openSamples(graph, [stories!], { tokenizer: path, seqLen: 256, samples: 32 });
    const result = await perplexity(graph, samples);
    expect(result.perplexity).toBeGreaterThan(3);
    expect(result.perplexity).toBeLessThan(5);
  });
});
