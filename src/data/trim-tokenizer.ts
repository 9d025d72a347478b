/** trimTokenizer: a Hugging Face tokenizer that knows some of its tokens only, under new ids, and gives every text of these the same tokens. */
import { joined, type Merges, mergesOf, piecesOf } from './merge-paths.js';

type Json = Readonly<Record<string, unknown>>;

export interface TrimmedTokenizer {
  readonly definition: Json;
  /** Old ids, ascending: the new id of a token is its place here. */
  readonly kept: readonly number[];
  /** How many of these nobody asked for: special tokens, bytes, and parts that merges go through. */
  readonly added: { readonly special: number; readonly bytes: number; readonly parts: number };
  /** Tokens that the model has no row for. */
  readonly beyond: readonly string[];
}

/** Whether it is of a kind that can be trimmed. */
export const isTrimmable = (definition: Json): boolean => kinds.includes(String(objectIn(definition, 'model').type));

const kinds = ['BPE', 'WordPiece', 'WordLevel', 'Unigram'];

/**
 * @param definition of a tokenizer.json that `loadTokenizer` takes.
 * @param wanted old ids; those without a token are kept too.
 * @param rows how many tokens the model has.
 */
export function trimTokenizer(definition: Json, wanted: Iterable<number>, rows: number): TrimmedTokenizer {
  const model = objectIn(definition, 'model');
  const ids = idsOf(model);
  const known = new Map([...ids].filter(([, id]) => id < rows));
  const kept = new Set([...wanted].filter((id) => id < rows));
  const adding = (more: Iterable<number | undefined>): number => {
    const before = kept.size;
    for (const id of more) if (id !== undefined && id < rows) kept.add(id);
    return kept.size - before;
  };
  const special = adding([...addedTokens(definition).map(({ id }) => id), unknownId(model, ids)]);
  const bytes = adding([...bytesAmong(definition, known)].map((token) => known.get(token)));
  const merges = model.type === 'BPE' ? mergesIn(model) : undefined;
  const apart = new Set(addedTokens(definition).map(({ content }) => content));
  const parts = merges ? adding(partsOf(known, kept, merges, apart).map((piece) => known.get(piece))) : 0;
  const order = [...kept].sort((a, b) => a - b);
  const places = new Map(order.map((id, at) => [id, at] as const));
  return {
    definition: renumbered(definition, ids, places, merges),
    kept: order,
    added: { special, bytes, parts },
    beyond: [...ids, ...addedTokens(definition).map(({ content, id }) => [content, id] as const)].flatMap(
      ([token, id]) => (id < rows ? [] : [token]),
    ),
  };
}

/** A tokenizer_config.json, whose added tokens go by their ids. */
export function trimConfig(config: Json, kept: readonly number[]): Json {
  const decoder = config.added_tokens_decoder;
  if (typeof decoder !== 'object' || decoder === null) return config;
  const places = new Map(kept.map((id, at) => [String(id), String(at)] as const));
  const entries = Object.entries(decoder).flatMap(([id, token]) => {
    const place = places.get(id);
    return place === undefined ? [] : [[place, token] as const];
  });
  return { ...config, added_tokens_decoder: Object.fromEntries(entries) };
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
}

const objectIn = (holder: Json, key: string): Json => (holder[key] ?? {}) as Json;

const addedTokens = ({ added_tokens: tokens }: Json): readonly AddedToken[] => (tokens ?? []) as readonly AddedToken[];

/** By token. Unigram lists its tokens with their scores, in the order of ids. */
function idsOf({ vocab }: Json): ReadonlyMap<string, number> {
  if (Array.isArray(vocab)) return new Map((vocab as [string, number][]).map(([token], id) => [token, id] as const));
  return new Map(Object.entries((vocab ?? {}) as Readonly<Record<string, number>>));
}

function unknownId({ unk_id: id, unk_token: token }: Json, ids: ReadonlyMap<string, number>): number | undefined {
  if (typeof id === 'number') return id;
  return typeof token === 'string' ? ids.get(token) : undefined;
}

/** What any text can be written in: the letters of bytes, or tokens such as <0x0A>. */
function* bytesAmong(definition: Json, ids: ReadonlyMap<string, number>): Generator<string> {
  const letters = new Set(hasByteLevel(definition) ? byteLetters() : []);
  for (const token of ids.keys()) if (letters.has(token) || /^<0x[0-9A-F]{2}>$/i.test(token)) yield token;
}

const hasByteLevel = ({ pre_tokenizer: before, decoder }: Json): boolean =>
  /"type":"ByteLevel"/.test(JSON.stringify([before ?? null, decoder ?? null]));

/** GPT-2's letters: printable bytes are themselves, the others follow from U+0100 on. */
function byteLetters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isItself = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCodePoint(isItself ? byte : next++);
  });
}

interface ListedMerges extends Merges {
  readonly pairs: readonly (readonly [string, string])[];
}

function mergesIn(model: Json): ListedMerges {
  const pairs = ((model.merges ?? []) as readonly (string | readonly [string, string])[]).map(pairOf);
  const sign = (key: string): string => (typeof model[key] === 'string' ? model[key] : '');
  const signs = { continuing: sign('continuing_subword_prefix'), ending: sign('end_of_word_suffix') };
  return { ...mergesOf(pairs, signs), pairs };
}

/** Older files have both with a space between. */
function pairOf(merge: string | readonly [string, string]): readonly [string, string] {
  if (typeof merge !== 'string') return merge;
  const at = merge.indexOf(' ', 1);
  return [merge.slice(0, at), merge.slice(at + 1)];
}

/** @param apart tokens that are found in texts as they are. */
function partsOf(
  ids: ReadonlyMap<string, number>,
  kept: ReadonlySet<number>,
  merges: Merges,
  apart: ReadonlySet<string>,
): string[] {
  return [...ids].flatMap(([token, id]) => (kept.has(id) && !apart.has(token) ? [...piecesOf(token, merges)] : []));
}

function renumbered(
  definition: Json,
  ids: ReadonlyMap<string, number>,
  places: ReadonlyMap<number, number>,
  merges: ListedMerges | undefined,
): Json {
  const model = objectIn(definition, 'model');
  const isKept = (token: string): boolean => places.has(ids.get(token) ?? -1);
  const numbered = ({ id, ...rest }: AddedToken): AddedToken[] =>
    places.has(id) ? [{ ...rest, id: places.get(id)! }] : [];
  const stays = ([one, other]: readonly [string, string]): boolean =>
    isKept(one) && isKept(other) && isKept(joined(one, other, merges!));
  const padding = definition.padding as Json | null | undefined;
  const padId = places.get(padding?.pad_id as number);
  return {
    ...definition,
    ...(definition.added_tokens !== undefined && { added_tokens: addedTokens(definition).flatMap(numbered) }),
    ...(padding && padId !== undefined && { padding: { ...padding, pad_id: padId } }),
    ...(definition.post_processor !== undefined && {
      post_processor: renumberedIn(definition.post_processor, places),
    }),
    model: {
      ...model,
      vocab: Array.isArray(model.vocab)
        ? model.vocab.filter((_, id) => places.has(id))
        : Object.fromEntries([...ids].flatMap(([token, id]) => (places.has(id) ? [[token, places.get(id)!]] : []))),
      ...(typeof model.unk_id === 'number' && { unk_id: places.get(model.unk_id) ?? null }),
      ...(merges && {
        merges: (model.merges as readonly unknown[]).filter((_, i) => stays(merges.pairs[i]!)),
      }),
    },
  };
}

/** Ids stand in lists called `ids`, and, in processors like BERT's, behind their token in `sep` and `cls`. */
function renumberedIn(part: unknown, places: ReadonlyMap<number, number>): unknown {
  if (Array.isArray(part)) return part.map((each) => renumberedIn(each, places));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => {
      if (key === 'ids' && Array.isArray(value)) return [key, value.map((id) => places.get(id as number) ?? id)];
      const isPair = (key === 'sep' || key === 'cls') && Array.isArray(value) && typeof value[1] === 'number';
      if (isPair) return [key, [value[0], places.get(value[1]) ?? value[1]]];
      return [key, renumberedIn(value, places)];
    }),
  );
}
