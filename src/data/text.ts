/** Text to windows of tokens: documents joined and tokenised once from the start, or excerpts drawn from anywhere. */
import { random } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { Tokenizer } from './tokenizer.js';
import { cutStream, tooFew, type WindowOptions } from './windows.js';

/** How documents follow one another; `kind` decides what is tokenised together. */
export type Joining =
  /** One text, `separator` between documents. */
  | { readonly kind: 'joined'; readonly separator: string }
  /** Each document by itself, with what the tokenizer puts around a text. */
  | { readonly kind: 'separate' }
  /** Each document by itself, after a special token. */
  | { readonly kind: 'marked'; readonly token: string };

/** A separator that is a special token marks documents; without one, the tokenizer's own special tokens do, or else a blank line. */
export function joiningOf(separator: string | undefined, tokenizer: Tokenizer): Joining {
  if (separator !== undefined && tokenizer.isSpecialToken(separator)) return { kind: 'marked', token: separator };
  if (separator === undefined && tokenizer.addsSpecialTokens) return { kind: 'separate' };
  return { kind: 'joined', separator: separator ?? '\n\n' };
}

export const describeJoining = (joining: Joining): string =>
  joining.kind === 'marked'
    ? `'${joining.token}' before each document`
    : joining.kind === 'separate'
      ? "each document with the tokenizer's special tokens"
      : `documents joined with ${JSON.stringify(joining.separator)}`;

/** int64 [windows, seqLen]. @throws UserError when the text is too short. */
export const cutText = (
  documents: readonly string[],
  tokenizer: Tokenizer,
  joining: Joining,
  options: WindowOptions,
  where: string,
): Tensor =>
  options.order === 'random' && options.samples !== undefined
    ? drawExcerpts(documents, tokenizer, joining, { ...options, samples: options.samples }, where)
    : cutStream(encodeStream(documents, tokenizer, joining, options), options, where);

/** All ids in order; where documents are tokenised one by one, only as many as the asked windows need. */
function encodeStream(
  documents: readonly string[],
  tokenizer: Tokenizer,
  joining: Joining,
  { samples, seqLen, order }: WindowOptions,
): Tensor {
  const enough = samples !== undefined && order === 'first' ? samples * seqLen : Number.POSITIVE_INFINITY;
  const texts = joining.kind === 'joined' ? [documents.join(joining.separator)] : documents;
  const ids: number[] = [];
  for (const text of texts) {
    if (ids.length >= enough) break;
    for (const id of encodeDocument(text, tokenizer, joining)) ids.push(id);
  }
  return tensor('int64', [ids.length], BigInt64Array.from(ids, BigInt));
}

const encodeDocument = (text: string, tokenizer: Tokenizer, joining: Joining): readonly number[] =>
  joining.kind === 'marked' ? tokenizer.encode(joining.token + text) : tokenizer.encode(text, { special: true });

/** Tokens at the end of an excerpt that its cut may have made different from those of the whole text. */
const margin = 16;
/** Excerpts tried at places too near to the end before the text counts as too short. */
const mostAttempts = 1000;

/**
 * Windows that begin at words drawn uniformly over all characters, so that a corpus of any size costs only the windows taken.
 * Excerpts run on into the documents that follow, and two may overlap.
 */
function drawExcerpts(
  documents: readonly string[],
  tokenizer: Tokenizer,
  joining: Joining,
  { samples, seqLen, seed }: WindowOptions & { readonly samples: number },
  where: string,
): Tensor {
  const ends: number[] = [];
  let total = 0;
  for (const { length } of documents) ends.push((total += length));
  const places = random(seed, 'excerpts');
  const ids = new BigInt64Array(samples * seqLen);
  let attempt = 0;
  for (let row = 0; row < samples; attempt++) {
    if (attempt - row > mostAttempts) throw tooFew(where, samples, row, seqLen, total);
    const at = places.integer(attempt, total);
    const document = ends.findIndex((end) => at < end);
    const offset = at - (ends[document]! - documents[document]!.length);
    const window = encodeExcerpt(documents, document, offset, tokenizer, joining, seqLen);
    if (window) ids.set(BigInt64Array.from(window, BigInt), row++ * seqLen);
  }
  return tensor('int64', [samples, seqLen], ids);
}

/** The first `seqLen` ids of the text from a character on, or undefined when the documents end before. */
function encodeExcerpt(
  documents: readonly string[],
  first: number,
  offset: number,
  tokenizer: Tokenizer,
  joining: Joining,
  seqLen: number,
): readonly number[] | undefined {
  const start = offset === 0 ? 0 : wordStart(documents[first]!, offset);
  for (let characters = 8 * seqLen; ; characters *= 2) {
    const { ids, complete } = encodeFrom(documents, first, start, characters, tokenizer, joining);
    if (ids.length >= seqLen + (complete ? 0 : margin)) return ids.slice(0, seqLen);
    if (complete) return undefined;
  }
}

function encodeFrom(
  documents: readonly string[],
  first: number,
  start: number,
  characters: number,
  tokenizer: Tokenizer,
  joining: Joining,
): { ids: number[]; complete: boolean } {
  const pieces: string[] = [];
  let left = characters;
  let document = first;
  for (let from = start; document < documents.length && left > 0; document++, from = 0) {
    const piece = documents[document]!.slice(from, from + left);
    left -= Math.max(1, piece.length);
    pieces.push(piece);
  }
  const texts = joining.kind === 'joined' ? [pieces.join(joining.separator)] : pieces;
  const ids = texts.flatMap((text, i) =>
    i === 0 && start > 0 ? tokenizer.encode(text).slice(1) : [...encodeDocument(text, tokenizer, joining)],
  );
  return { ids, complete: document === documents.length && left > 0 };
}

/** Longer runs without white space are scripts that do not separate words. */
const longestWord = 64;

/**
 * The white space at or near after a character, or else the character itself. The id that begins there is dropped by the caller: some
 * tokenizers treat the start of a text as the start of a word, and what follows is as in the middle of a text.
 */
function wordStart(text: string, from: number): number {
  const space = text.slice(from, from + longestWord).search(/\s/);
  if (space >= 0) return from + space;
  const splitsPair = (text.charCodeAt(from) & 0xfc00) === 0xdc00;
  return splitsPair ? from + 1 : from;
}
