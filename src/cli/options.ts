/** Options that several commands share, by what they are about, and the plain requests they make. */
import type { DataRequest, EngineRequest } from '../pipeline/requests.js';
import { type ProviderName, providers } from '../runtime/providers.js';
import { present } from './present.js';
import { integer, oneOf, optional, pair, repeated, toggle, type ValuesOf, withDefault, word } from './values.js';

const dataGroup = { group: 'Data:' };
const runtimeGroup = { group: 'Runtime:' };
const outputGroup = { group: 'Output:' };

/** How samples are read, whatever they are for. */
export const dataOptions = {
  tokenizer: optional("tokenizer.json; default: the descriptor's, or the one beside the model", word, dataGroup),
  field: optional('field of each JSONL line that holds the text', word, dataGroup),
  seqLen: optional('tokens per window', integer({ from: 2 }), dataGroup),
  samples: optional("samples taken; default: the descriptor's number, or all", integer({ from: 1 }), dataGroup),
  seed: optional("seed of every random choice; default: the descriptor's, or 0", integer({ from: 0 }), dataGroup),
};

/** How graphs are run. */
export const engineOptions = {
  provider: withDefault(
    `execution provider: auto, ${Object.keys(providers).join(', ')}`,
    oneOf<ProviderName | 'auto'>(['auto', ...(Object.keys(providers) as ProviderName[])]),
    'auto',
    runtimeGroup,
  ),
  providerOption: repeated('KEY=VALUE for the provider, repeatable', pair('KEY', 'VALUE', word), runtimeGroup),
  threads: optional("threads of a run; default: the runtime's choice", integer({ from: 1 }), runtimeGroup),
  batch: optional('samples per run; default: chosen by size', integer({ from: 1 }), runtimeGroup),
};

/** What is said, and where. */
export const reportingOptions = {
  json: toggle('print one JSON document on stdout', outputGroup),
  quiet: toggle('no progress', outputGroup),
};

export function dataRequest(files: readonly string[], args: ValuesOf<typeof dataOptions>): DataRequest {
  const { tokenizer, field, seqLen, samples, seed } = args;
  return present({ files, tokenizer, field, seqLen, samples, seed });
}

export function engineRequest(args: ValuesOf<typeof engineOptions>): EngineRequest {
  const { provider, providerOption, threads, batch } = args;
  const providerOptions = providerOption.length > 0 ? Object.fromEntries(providerOption) : undefined;
  return present({ provider, providerOptions, threads, batch });
}
