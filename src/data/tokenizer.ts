/** Text to token ids, by a Hugging Face tokenizer.json. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { UserError } from '../errors.js';
import { statsAt } from './files.js';

export interface Tokenizer {
  readonly path: string;
  /** Ids of a text; `special` also adds what the tokenizer puts around one, such as a beginning-of-sequence token. */
  encode(text: string, options?: { readonly special?: boolean }): readonly number[];
  decode(ids: readonly number[]): string;
  /** True when the tokenizer puts tokens of its own around a text. */
  readonly addsSpecialTokens: boolean;
  /** Whether the text is one special token, such as `<|endoftext|>`. */
  isSpecialToken(text: string): boolean;
}

/** The part of the library's result that is used here; an id is absent where the vocabulary has none. */
interface Encoding {
  readonly ids: number[];
  readonly tokens: string[];
}

/**
 * @param path a tokenizer.json; a tokenizer_config.json beside it is taken into account.
 * @throws UserError when it is missing, malformed or of a kind that is not known.
 */
export function loadTokenizer(path: string): Tokenizer {
  const definition = readJson(path);
  checkPatterns(definition, path);
  const beside = join(dirname(path), 'tokenizer_config.json');
  const config = existsSync(beside) ? readJson(beside) : {};
  let tokenizer: HuggingFaceTokenizer;
  try {
    // absent parts mean the same as null ones
    const parts = { added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
    tokenizer = new HuggingFaceTokenizer({ ...parts, ...definition }, config);
  } catch (cause) {
    throw malformed(path, (cause as Error).message, cause);
  }
  const encode: Tokenizer['encode'] = (text, { special = false } = {}) => {
    const encoding: Encoding = tokenizer.encode(text, { add_special_tokens: special });
    const { ids, tokens } = encoding;
    const unknown = ids.findIndex((id) => !Number.isInteger(id));
    if (unknown >= 0) throw malformed(path, `'${tokens[unknown]}' has no id, and there is no token for unknown text`);
    return ids;
  };
  const tried = attempt(() => encode('a', { special: true }).length - encode('a').length, path);
  const special = new Set([...tokenizer.get_added_tokens_decoder().values()].map(({ content }) => content));
  return {
    path,
    encode: (text, options) => attempt(() => encode(text, options), path),
    decode: (ids) =>
      ids.length === 0 ? '' : attempt(() => tokenizer.decode([...ids], { clean_up_tokenization_spaces: false }), path),
    addsSpecialTokens: tried > 0,
    isSpecialToken: (text) => special.has(text),
  };
}

/**
 * The library prints a warning for a pattern of no known kind and goes on without it: the text would be split in another way.
 * @throws UserError naming the part whose pattern it is.
 */
function checkPatterns(definition: Readonly<Record<string, unknown>>, path: string): void {
  const open: (readonly [string, unknown])[] = ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder'].map(
    (part) => [part, definition[part]],
  );
  for (const [place, part] of open) {
    if (typeof part !== 'object' || part === null) continue;
    for (const [key, value] of Object.entries(part)) {
      if (key !== 'pattern') open.push([`${place}.${key}`, value]);
      else if (!isPattern(value)) {
        throw malformed(path, `'${place}.pattern' is neither { "String": … } nor { "Regex": … }`);
      }
    }
  }
}

const isPattern = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ['String', 'Regex'].some((kind) => typeof (value as Record<string, unknown>)[kind] === 'string');

/** The tokenizer.json beside a model, or in the folder above (where exports keep their models in a folder of their own). */
export function findTokenizer(model: string): string | undefined {
  const folder = dirname(model);
  return [folder, dirname(folder)].map((place) => join(place, 'tokenizer.json')).find((path) => existsSync(path));
}

function readJson(path: string): Record<string, unknown> {
  const stats = statsAt(path);
  if (!stats) throw new UserError(path, 'no such file; check the path');
  // a pipe would be waited for, a device may have no end
  if (!stats.isFile()) {
    throw new UserError(
      path,
      `expected a file, got a ${stats.isDirectory() ? 'folder' : 'device'}; name a tokenizer.json`,
    );
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw malformed(path, (cause as Error).message, cause);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw malformed(path, 'its content is not an object');
  }
  return content as Record<string, unknown>;
}

/** The library meets a malformed definition in many ways; all of them become the one error. */
function attempt<T>(work: () => T, path: string): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw malformed(path, (cause as Error).message, cause);
  }
}

const malformed = (path: string, what: string, cause?: unknown): UserError =>
  new UserError(
    path,
    `expected the ${basename(path) === 'tokenizer_config.json' ? 'configuration of a' : 'definition of a Hugging Face'} tokenizer, got another: ${what}; export it again, or give token ids (.npy)`,
    { cause },
  );
