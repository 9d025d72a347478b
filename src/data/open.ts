/** openSamples: from files and a graph to samples that fit it. */
import { UserError } from '../errors.js';
import type { Graph } from '../ir/types.js';
import { readArrays } from './arrays.js';
import { languageInputs } from './language-inputs.js';
import { openText, openTokens, tokensAmong } from './open-language.js';
import { openRecords } from './open-records.js';
import type { Samples } from './samples.js';
import { type SampleDefaults, type SampleOptions, settle } from './settings.js';
import { type DataSource, resolveSource } from './source.js';

export type { SampleDefaults, SampleOptions } from './settings.js';

/**
 * Samples for `graph` from text, token ids, arrays or records. Pictures are decoded and arrays read batch by batch.
 * @throws UserError naming the file, input or option at fault.
 */
export async function openSamples(
  graph: Graph,
  source: DataSource,
  options: SampleOptions = {},
  defaults: SampleDefaults = {},
): Promise<Samples> {
  const resolved = resolveSource(source, options.kind);
  const settings = settle(options, resolved, defaults);
  const { kind, parts, files, where } = resolved;
  const isArrays = parts.length === 1 && (kind === 'arrays' || kind === 'tokens');
  if (kind !== 'text' && !isArrays) return openRecords(graph, resolved, settings);
  const language = languageInputs(graph, settings.map);
  if (kind === 'text' && !language && files.every((path) => /\.(jsonl|ndjson)$/i.test(path)))
    return openRecords(graph, { ...resolved, kind: 'jsonl', parts: [{ kind: 'jsonl', files }] }, settings);
  if (kind === 'text') return openText(graph, resolved, settings, language);
  const arrays = readArrays(files);
  const tokens = language && tokensAmong(arrays, language, resolved);
  if (language && tokens) return openTokens(graph, resolved, settings, language, tokens);
  if (kind === 'tokens')
    throw new UserError(where, 'the model has no input of token ids to feed; give arrays or records');
  return openRecords(graph, resolved, settings, arrays);
}
