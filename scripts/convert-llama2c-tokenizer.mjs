/**
 * A tokenizer of llama2.c (tokens with scores) to a Hugging Face tokenizer.json: node scripts/convert-llama2c-tokenizer.mjs IN.json OUT.json
 *
 * llama2.c puts a space before the text, splits it into characters (unknown ones into bytes) and merges, again and again, the adjacent
 * pair whose joint token has the highest score. A BPE whose merges are ordered by that score does the same.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** SentencePiece's sign for a space. */
const space = '\u2581';
const special = ['<unk>', '<s>', '</s>'];

/**
 * @param {{ tokens_latin1: string[], scores: number[] }} source tokens as bytes shown in Latin-1, a score for each.
 * @returns {Record<string, unknown>}
 */
export function huggingFaceTokenizer({ tokens_latin1: stored, scores }) {
  const tokens = stored.map((token, id) =>
    id < special.length ? special[id] : Buffer.from(token, 'latin1').toString('utf8').replaceAll(' ', space),
  );
  const ids = new Map(tokens.map((token, id) => [token, id]));
  if (ids.size !== tokens.length) throw new Error('expected different tokens, got some twice');
  const merges = tokens
    .flatMap((token, id) =>
      isBytes(token) || id < special.length ? [] : splits(token, ids).map((pair) => ({ pair, score: scores[id] })),
    )
    .sort((a, b) => b.score - a.score)
    .map(({ pair }) => pair);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: space },
        { type: 'Replace', pattern: { String: ' ' }, content: space },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [
        { SpecialToken: { id: '<s>', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { Sequence: { id: 'B', type_id: 1 } },
      ],
      special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: space }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<unk>',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(ids),
      merges,
    },
  };
}

/** @param {string} token */
const isBytes = (token) => /^<0x[0-9A-F]{2}>$/.test(token);

/**
 * The pairs of tokens that join to `token`.
 * @param {string} token
 * @param {Map<string, number>} ids
 * @returns {[string, string][]}
 */
function splits(token, ids) {
  const characters = [...token];
  return characters.flatMap((_, at) => {
    const pair = /** @type {[string, string]} */ ([characters.slice(0, at).join(''), characters.slice(at).join('')]);
    return at > 0 && ids.has(pair[0]) && ids.has(pair[1]) ? [pair] : [];
  });
}

if (process.argv[1] === import.meta.filename) {
  const [input, output] = process.argv.slice(2);
  if (!input || !output) throw new Error('usage: node scripts/convert-llama2c-tokenizer.mjs IN.json OUT.json');
  writeFileSync(output, `${JSON.stringify(huggingFaceTokenizer(JSON.parse(readFileSync(input, 'utf8'))), null, 1)}\n`);
}
