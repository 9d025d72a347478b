/** openSamples: from files and a graph to samples that fit it. */
import { UserError } from '../errors.js';
import { feeds } from '../ir/graph.js';
import type { Graph, Value } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';
import { type ArrayInputs, matchArrays, readArrays, takeSamples } from './arrays.js';
import { contextLength } from './context-length.js';
import { readDocuments } from './documents.js';
import { type LanguageInputs, languageInputs } from './language-inputs.js';
import { identify } from './provenance.js';
import { rowsOf } from './rows.js';
import type { Provenance, Samples } from './samples.js';
import { type DataSource, type ResolvedSource, resolveSource } from './source.js';
import { cutText, describeJoining, joiningOf } from './text.js';
import { findTokenizer, loadTokenizer, type Tokenizer } from './tokenizer.js';
import { checkVocabulary, vocabularySize } from './vocabulary.js';
import { asTokens, checkSeqLen, cutStream, takeWindows, type WindowOptions } from './windows.js';

/** Each option wins over the descriptor's. */
export interface SampleOptions {
  /** Path of the model: its tokenizer is looked for beside it. */
  readonly model?: string | undefined;
  /** Path of a tokenizer.json. */
  readonly tokenizer?: string | undefined;
  /** Field of each JSON entry that holds its text; default `text`. */
  readonly field?: string | undefined;
  /** Text between documents, or a special token that stands before each. */
  readonly separator?: string | undefined;
  /** Tokens per window; default: what the model fixes, else the length of its position table up to 2048, else 128. */
  readonly seqLen?: number | undefined;
  /** Samples taken; default all. */
  readonly samples?: number | undefined;
  /** From the start (default), or drawn by the seed. */
  readonly order?: 'first' | 'random' | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** By input name: the array that feeds it, or for language models the role it plays, such as `input_ids`. */
  readonly map?: Readonly<Record<string, string>> | undefined;
}

/** What holds where neither the options nor a descriptor say otherwise. */
export interface SampleDefaults {
  readonly order?: 'first' | 'random';
  /** Windows taken of text; stored samples are all taken. */
  readonly windows?: number;
}

/**
 * Samples for `graph` from text, token ids or arrays.
 * @throws UserError naming the file, input or option at fault.
 */
export async function openSamples(
  graph: Graph,
  source: DataSource,
  options: SampleOptions = {},
  defaults: SampleDefaults = {},
): Promise<Samples> {
  const resolved = resolveSource(source);
  const settings = settle(options, resolved, defaults);
  const language = languageInputs(graph, settings.map);
  if (resolved.kind === 'text') return openText(graph, resolved, settings, language);
  const arrays = readArrays(resolved.files);
  const tokens = language && tokensAmong(arrays, language, resolved);
  if (language && tokens) return openTokens(graph, resolved, settings, language, tokens);
  if (resolved.kind === 'tokens') throw new UserError(resolved.where, 'the model has no input of token ids to feed');
  return openArrays(graph, resolved, settings, arrays);
}

interface Settings extends SampleOptions {
  readonly order: 'first' | 'random';
  readonly seed: number;
  readonly map: Readonly<Record<string, string>>;
}

function settle(options: SampleOptions, { kind, descriptor }: ResolvedSource, defaults: SampleDefaults): Settings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const usual = kind === 'text' ? { samples: defaults.windows } : {};
  const settings: SampleOptions = { ...usual, ...descriptor, ...Object.fromEntries(given) };
  const { order = defaults.order ?? 'first', seed = 0, map = {} } = settings;
  return { ...settings, order, seed, map };
}

async function openText(
  graph: Graph,
  { files, where, descriptor }: ResolvedSource,
  settings: Settings,
  language: LanguageInputs | undefined,
): Promise<Samples> {
  if (!language) {
    const inputs = feeds(graph).map(({ name }) => `'${name}'`);
    throw new UserError(
      where,
      `the model has no input of token ids for text, it has ${inputs.join(', ')}; give .npy or .npz arrays`,
    );
  }
  const tokenizer = openTokenizer(settings, where);
  const window = windowOptions(graph, settings, language, where);
  const joining = joiningOf(settings.separator, tokenizer);
  const documents = await readDocuments(files, settings.field);
  const tokens = cutText(documents, tokenizer, joining, window, where);
  const description = `${descriptor?.description ?? 'text'}: ${documents.length} documents, ${describeJoining(joining)}`;
  return languageSamples(graph, language, tokens, tokenizer.path, {
    files: await identify([...descriptorPath(descriptor), tokenizer.path, ...files]),
    description: `${description}; ${describeWindows(tokens, window)}`,
  });
}

async function openTokens(
  graph: Graph,
  { files, where, descriptor }: ResolvedSource,
  settings: Settings,
  language: LanguageInputs,
  stored: Tensor,
): Promise<Samples> {
  const ids = asTokens(stored, where);
  const isStream = ids.shape.length === 1;
  if (!isStream && ids.shape.length !== 2) {
    throw new UserError(
      where,
      `expected token ids of shape [windows, length] or [tokens], got [${ids.shape.join(', ')}]`,
    );
  }
  const window = windowOptions(graph, settings, language, where, isStream ? undefined : ids.shape[1]);
  const tokens = isStream ? cutStream(ids, window, where) : takeWindows(ids, window, where);
  return languageSamples(graph, language, tokens, where, {
    files: await identify([...descriptorPath(descriptor), ...files]),
    description: `${descriptor?.description ?? 'token ids'}; ${describeWindows(tokens, window)}`,
  });
}

async function openArrays(
  graph: Graph,
  { files, where, descriptor }: ResolvedSource,
  settings: Settings,
  arrays: ReadonlyMap<string, Tensor>,
): Promise<Samples> {
  const all = matchArrays(graph, arrays, settings.map, where);
  const taken = takeSamples(all, settings, where);
  const { count, inputs, labels, fixedBatch } = taken;
  const drawn =
    settings.order === 'random' && count < all.count ? `drawn with seed ${settings.seed}` : 'from the start';
  return {
    count,
    batch: (from, to) => batchOfArrays(taken, from, to),
    ...(labels && { labels }),
    ...(fixedBatch !== undefined && { fixedBatch }),
    provenance: {
      files: await identify([...descriptorPath(descriptor), ...files]),
      description: `${descriptor?.description ?? 'arrays'}: ${[...inputs.keys()].map(({ name }) => `'${name}'`).join(', ')}; ${count} of ${all.count} samples ${drawn}`,
      samples: count,
    },
  };
}

/** The one array of ids: named after the input or its role, or the only one there is when it holds integers. */
function tokensAmong(
  arrays: ReadonlyMap<string, Tensor>,
  { ids }: LanguageInputs,
  { kind, where }: ResolvedSource,
): Tensor | undefined {
  const named = arrays.get(ids.name) ?? arrays.get('input_ids') ?? arrays.get('tokens');
  const only = arrays.size === 1 ? [...arrays.values()][0] : undefined;
  const found = named ?? (kind === 'tokens' || /^u?int/.test(only?.dtype ?? '') ? only : undefined);
  if (!found && kind === 'tokens') {
    throw new UserError(
      where,
      `expected an array named '${ids.name}', got ${[...arrays.keys()].map((name) => `'${name}'`).join(', ')}`,
    );
  }
  return found;
}

function languageSamples(
  graph: Graph,
  language: LanguageInputs,
  tokens: Tensor,
  where: string,
  provenance: Omit<Provenance, 'seqLen' | 'samples'>,
): Samples {
  const { ids, others, fixedBatch } = language;
  if (others.length > 0) {
    const names = others.map(({ name }) => `'${name}'`).join(', ');
    throw new UserError(
      where,
      `no data for the inputs ${names}; say what role each plays, or give all inputs as .npz arrays`,
    );
  }
  const size = vocabularySize(graph, ids);
  if (size !== undefined) checkVocabulary(tokens, size, where);
  const [count, seqLen] = tokens.shape as [number, number];
  return {
    count,
    tokens,
    batch: (from, to) => {
      checkRange(from, to, count, fixedBatch);
      return language.fill(rowsOf(tokens, from, to, fixedBatch));
    },
    ...(fixedBatch !== undefined && { fixedBatch }),
    provenance: { ...provenance, seqLen, samples: count },
  };
}

function batchOfArrays({ inputs, count, fixedBatch }: ArrayInputs, from: number, to: number): Map<Value, Tensor> {
  checkRange(from, to, count, fixedBatch);
  return new Map([...inputs].map(([input, array]) => [input, rowsOf(array, from, to, fixedBatch)]));
}

function checkRange(from: number, to: number, count: number, fixedBatch: number | undefined): void {
  if (!(from >= 0 && from < to && to <= count)) throw new RangeError(`samples [${from}, ${to}) of ${count}`);
  if (fixedBatch !== undefined && to - from > fixedBatch) {
    throw new UserError(
      'data',
      `expected batches of ${fixedBatch}, which the model fixes, got ${to - from}; leave the batch size out`,
    );
  }
}

function openTokenizer({ tokenizer, model }: Settings, where: string): Tokenizer {
  const path = tokenizer ?? (model === undefined ? undefined : findTokenizer(model));
  if (path === undefined) {
    throw new UserError(
      where,
      'text needs a tokenizer.json, and none lies beside the model; give its path or token ids (.npy)',
    );
  }
  return loadTokenizer(path);
}

const longestDefault = 2048;
const defaultSeqLen = 128;

function windowOptions(
  graph: Graph,
  settings: Settings,
  { roles, fixedSeqLen }: LanguageInputs,
  where: string,
  storedSeqLen?: number,
): WindowOptions {
  const positions = [...roles].find(([, role]) => role === 'position_ids')?.[0];
  const context = contextLength(graph, positions);
  const fallback =
    fixedSeqLen ?? storedSeqLen ?? (context === undefined ? defaultSeqLen : Math.min(context, longestDefault));
  const { seqLen = fallback, samples, order, seed } = settings;
  checkSeqLen(seqLen, where);
  if (fixedSeqLen !== undefined && seqLen !== fixedSeqLen) {
    throw new UserError(where, `expected windows of ${fixedSeqLen} tokens, which the model fixes, got ${seqLen}`);
  }
  if (context !== undefined && seqLen > context) {
    throw new UserError(
      where,
      `expected windows of at most ${context} tokens, the positions the model knows, got ${seqLen}`,
    );
  }
  return { seqLen, samples, order, seed };
}

const describeWindows = ({ shape: [count, seqLen] }: Tensor, { order, seed }: WindowOptions): string =>
  `${count} windows of ${seqLen} tokens ${order === 'random' ? `drawn with seed ${seed}` : 'from the start, side by side'}`;

const descriptorPath = (descriptor: { readonly path: string } | undefined): string[] =>
  descriptor ? [descriptor.path] : [];
