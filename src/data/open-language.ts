/** Text and token ids as samples of a language model. */
import { UserError } from '../errors.js';
import { feeds } from '../ir/graph.js';
import type { Graph } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkRange } from './batch-range.js';
import { contextLength } from './context-length.js';
import { readDocuments } from './documents.js';
import type { LanguageInputs } from './language-inputs.js';
import { identify } from './provenance.js';
import { rowsOf } from './rows.js';
import type { Provenance, Samples } from './samples.js';
import type { Settings } from './settings.js';
import type { ResolvedSource } from './source.js';
import { cutText, describeJoining, joiningOf } from './text.js';
import { findTokenizer, loadTokenizer, type Tokenizer } from './tokenizer.js';
import { checkVocabulary, vocabularySize } from './vocabulary.js';
import { asTokens, checkSeqLen, cutStream, takeWindows, type WindowOptions } from './windows.js';

/** @throws UserError when the model takes no token ids, or the text is too short for a window. */
export async function openText(
  graph: Graph,
  { files, where, descriptor, ownFiles }: ResolvedSource,
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
    files: await identify([...ownFiles, tokenizer.path, ...files]),
    description: `${description}; ${describeWindows(tokens, window)}`,
  });
}

/** @param stored ids of any integer type, [windows, length] or [tokens]. @throws UserError when they are not. */
export async function openTokens(
  graph: Graph,
  { files, where, descriptor, ownFiles }: ResolvedSource,
  settings: Settings,
  language: LanguageInputs,
  stored: Tensor,
): Promise<Samples> {
  const ids = asTokens(stored, where);
  const isStream = ids.shape.length === 1;
  if (!isStream && ids.shape.length !== 2) {
    throw new UserError(
      where,
      `expected token ids of shape [windows, length] or [tokens], got [${ids.shape.join(', ')}]; reshape the array`,
    );
  }
  const window = windowOptions(graph, settings, language, where, isStream ? undefined : ids.shape[1]);
  const tokens = isStream ? cutStream(ids, window, where) : takeWindows(ids, window, where);
  return languageSamples(graph, language, tokens, where, {
    files: await identify([...ownFiles, ...files]),
    description: `${descriptor?.description ?? 'token ids'}; ${describeWindows(tokens, window)}`,
  });
}

/** The one array of ids: named after the input or its role, or the only one there is when it holds integers. */
export function tokensAmong(
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
      `expected an array named '${ids.name}', got ${[...arrays.keys()].map((name) => `'${name}'`).join(', ')}; rename the array or use --map`,
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
    throw new UserError(
      where,
      `expected windows of ${fixedSeqLen} tokens, which the model fixes, got ${seqLen}; give --seq-len that number`,
    );
  }
  if (context !== undefined && seqLen > context) {
    throw new UserError(
      where,
      `expected windows of at most ${context} tokens, the positions the model knows, got ${seqLen}; give a smaller --seq-len`,
    );
  }
  return { seqLen, samples, order, seed };
}

const describeWindows = ({ shape: [count, seqLen] }: Tensor, { order, seed }: WindowOptions): string =>
  `${count} windows of ${seqLen} tokens ${order === 'random' ? `drawn with seed ${seed}` : 'from the start, side by side'}`;
