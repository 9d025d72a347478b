/** trim-vocabulary: a language model that knows some of its tokens only, and the tokenizer that goes with it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findTokenizer, loadTokenizer } from '../data/tokenizer.js';
import { isTrimmable, type TrimmedTokenizer, trimConfig, trimTokenizer } from '../data/trim-tokenizer.js';
import { UserError, unsupported } from '../errors.js';
import { shrink } from '../groups/shrink.js';
import type { Graph, Model, Value } from '../ir/types.js';
import { constantsOf } from '../ops/constants.js';
import { storedValues } from '../rewrite/stored-values.js';
import { substitute } from '../rewrite/substitute.js';
import { type Converted, type ConvertedTensor, target } from './target.js';
import { type Vocabulary, vocabularyOf } from './vocabulary-places.js';
import { farFrom } from './vocabulary-proof.js';

/** Logits of kept tokens may differ by rounding alone. */
const tolerance = 1e-5;

/** In the metadata of a trimmed model: old ids in the order of the new ones, in ranges. */
export const keptTokensKey = 'onnx-scalpel.kept-tokens';

export const trimVocabulary = target({
  name: 'trim-vocabulary',
  summary: 'a language model with the rows of some tokens only, and its tokenizer',
  writes: 'onnx',
  takesTokens: true,
  options: {},
  async convert(task) {
    const { model } = task;
    if (!task.tokens?.length) {
      throw new UserError(
        'trim-vocabulary',
        'expected tokens to keep, got none; name a file of ids with --tokens, or data they occur in with --tokens-from',
      );
    }
    const options = task.threads === undefined ? {} : { threads: task.threads };
    const vocabulary = await vocabularyOf(task.copy(), options);
    const { rows } = vocabulary;
    const wanted = checked(task.tokens, rows);
    const tokenizer = tokenizerOf(model, wanted, rows);
    const kept = tokenizer?.trimmed.kept ?? wanted;
    if (kept.length === rows) {
      throw new UserError(
        'trim-vocabulary',
        `expected fewer tokens than the model has, got all ${rows}; keep some of them`,
      );
    }
    const graph = trimmed(vocabulary, kept, model.graph);
    task.signal.throwIfAborted();
    const far = await farFrom(task.copy(), graph, kept, vocabulary, options);
    if (!(far <= tolerance)) {
      throw unsupported(
        'trim-vocabulary',
        `expected the trimmed model to answer for kept tokens what the whole one does, got outputs apart by ${far.toPrecision(3)}; what it makes of the vocabulary is not analysed`,
      );
    }
    const metadata = new Map([...model.metadata, [keptTokensKey, ranges(kept)]]);
    return {
      made: { kind: 'model', model: { ...model, graph, metadata } },
      tensors: changes(model.graph, graph, `${kept.length} of ${rows} tokens`),
      notes: notesOn(kept, rows, wanted, tokenizer, vocabulary),
      beside: new Map([['tokens.json', tokensFile(kept, rows)], ...(tokenizer?.files ?? [])]),
      hasOtherInputs: true,
    } satisfies Converted;
  },
});

function checked(tokens: ArrayLike<number>, rows: number): number[] {
  const wanted = [...new Set(Array.from(tokens))].sort((a, b) => a - b);
  const wrong = wanted.find((id) => !Number.isInteger(id) || id < 0 || id >= rows);
  if (wrong === undefined) return wanted;
  throw new UserError(
    'trim-vocabulary',
    `expected token ids in [0, ${rows}), got ${wrong}; use the tokenizer the model was trained with`,
  );
}

interface OwnTokenizer {
  readonly trimmed: TrimmedTokenizer;
  /** By name. */
  readonly files: readonly (readonly [string, string])[];
}

/** Undefined where none of a known kind lies beside the model. */
function tokenizerOf({ path }: Model, wanted: readonly number[], rows: number): OwnTokenizer | undefined {
  const own = path === undefined ? undefined : findTokenizer(path);
  if (own === undefined) return undefined;
  const definition = parsed(own);
  if (!definition || !isTrimmable(definition)) return undefined;
  // says what is wrong with one that is malformed
  loadTokenizer(own);
  const made = trimTokenizer(definition, wanted, rows);
  const config = join(dirname(own), 'tokenizer_config.json');
  const settings = existsSync(config) ? parsed(config) : undefined;
  const text = (json: unknown): string => `${JSON.stringify(json)}\n`;
  return {
    trimmed: made,
    files: [
      ['tokenizer.json', text(made.definition)],
      ...(settings ? ([['tokenizer_config.json', text(trimConfig(settings, made.kept))]] as const) : []),
    ],
  };
}

function parsed(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function trimmed({ flows, axes, outputs, rows }: Vocabulary, kept: readonly number[], of: Graph): Graph {
  const stays = new Uint8Array(rows);
  for (const id of kept) stays[id] = 1;
  const graph = shrink(flows, new Map(axes.map((axis) => [axis, stays] as const)), of);
  // what was said of outputs holds, but for their last size
  const typed = new Map<Value, Value>();
  for (const i of outputs) {
    const type = of.outputs[i]?.type;
    if (!type?.shape) continue;
    const size = typeof type.shape.at(-1) === 'number' ? kept.length : type.shape.at(-1)!;
    typed.set(graph.outputs[i]!, { ...graph.outputs[i]!, type: { ...type, shape: type.shape.with(-1, size) } });
  }
  return substitute(graph, (value) => typed.get(value) ?? value);
}

/** Ids in ascending order, such as 0-255,260. */
function ranges(ids: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < ids.length; ) {
    let end = i;
    while (ids[end + 1] === ids[end]! + 1) end++;
    parts.push(end === i ? String(ids[i]) : `${ids[i]}-${ids[end]}`);
    i = end + 1;
  }
  return parts.join();
}

/** New id `i` was `old[i]`. */
const tokensFile = (kept: readonly number[], rows: number): string =>
  `${JSON.stringify({ schemaVersion: 1, kind: 'kept-tokens', before: rows, after: kept.length, old: kept })}\n`;

function changes(before: Graph, after: Graph, to: string): ConvertedTensor[] {
  const stored = storedValues(after);
  const [old, now] = [constantsOf(before), constantsOf(after)];
  return [...storedValues(before)].flatMap(([name, value]) => {
    const [was, place] = [old.tensorOf(value), stored.get(name)];
    const is = place && now.tensorOf(place);
    if (!was || !is || String(was.shape) === String(is.shape)) return [];
    const bytes = { before: was.payload.byteLength, after: is.payload.byteLength };
    return [{ name, from: was.dtype, to, bytes }];
  });
}

function notesOn(
  kept: readonly number[],
  rows: number,
  wanted: readonly number[],
  tokenizer: OwnTokenizer | undefined,
  { outputs }: Vocabulary,
): string[] {
  const notes = [`${kept.length} of ${rows} tokens are kept; their ids are others now: tokens.json lists the old ones`];
  if (tokenizer) {
    const { special, bytes, parts } = tokenizer.trimmed.added;
    const { beyond } = tokenizer.trimmed;
    notes.push(
      `${wanted.length} were asked for; ${special} special ones, ${bytes} for single bytes and ${parts} that merges go through were added`,
    );
    if (beyond.length > 0)
      notes.push(
        `the tokenizer has ${beyond.length} tokens that the model has no row for, such as '${beyond[0]}': left out`,
      );
  } else
    notes.push(
      'no tokenizer.json of a known kind lies beside the model: only what was asked for is kept, and none is written',
    );
  if (outputs.length === 0) notes.push('no output has a number for each token: only the embedding is trimmed');
  return notes;
}
