/** Options that several commands share, by what they are about, and the plain requests they make. */
import { type Kind, kinds } from '../data/kinds.js';
import type { DataRequest, EngineRequest } from '../pipeline/requests.js';
import { type ProviderName, providers } from '../runtime/providers.js';
import { preprocessOptions, preprocessRequest } from './preprocess-options.js';
import { present } from './present.js';
import { seriesOptions, seriesRequest } from './series-options.js';
import {
  bytes,
  integer,
  number,
  oneOf,
  optional,
  pair,
  repeated,
  several,
  toggle,
  type ValuesOf,
  withDefault,
  word,
} from './values.js';

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
  kind: optional(
    `what the files hold: ${kinds.join(', ')}; default: told by their names`,
    oneOf<Kind>(kinds),
    dataGroup,
  ),
  map: repeated(
    'INPUT=COLUMN: the array or column that feeds an input, or the role it plays in a language model; repeatable',
    pair('INPUT', 'COLUMN', word),
    dataGroup,
  ),
  separator: optional('text: between documents, or a special token before each', word, dataGroup),
  labels: optional('file of labels: JSON, CSV, text or idx; default: what the data says', word, dataGroup),
  labelColumn: optional('column or field that holds the label, by name or number from 0', word, dataGroup),
  classes: several('labels in the order of the classes; default: as the files say, or sorted', word, dataGroup),
  columns: several('tables: columns taken as features, in this order; default: all but the label', word, dataGroup),
  delimiter: optional('tables: between cells; default: told from the first line', word, dataGroup),
  header: optional('tables: whether the first line names the columns; default: told', oneOf(['yes', 'no']), dataGroup),
  missing: optional('tables: number in the place of missing values; default: they are refused', number(), dataGroup),
  ...seriesOptions,
  ...preprocessOptions,
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

/** How much of a model and of its activations is held at a time. */
export const memoryOptions = {
  memory: optional('memory to plan with, such as 2GB; default: half of what is free', bytes, runtimeGroup),
  activations: withDefault(
    'precision of values that wait between regions: float32, or float16 for half the room',
    oneOf(['float32', 'float16']),
    'float32',
    runtimeGroup,
  ),
};

/** For every command that does work. */
export const dryRunOption = {
  dryRun: toggle('try one sample, estimate time, memory and disk, write nothing', outputGroup),
};

/** What is said, and where. */
export const reportingOptions = {
  json: toggle('print one JSON document on stdout', outputGroup),
  quiet: toggle('no progress', outputGroup),
};

export function dataRequest(files: readonly string[], args: ValuesOf<typeof dataOptions>): DataRequest {
  const { tokenizer, field, seqLen, samples, seed, kind, map, separator } = args;
  const { labels, labelColumn: label, classes, columns, delimiter, header, missing } = args;
  return present({
    ...{ files, tokenizer, field, seqLen, samples, seed, kind, separator, labels, label, delimiter, missing },
    map: map.length > 0 ? Object.fromEntries(map) : undefined,
    classes: listOf(classes),
    columns: listOf(columns),
    header: header && header === 'yes',
    ...seriesRequest(args),
    ...preprocessRequest(args),
  });
}

/** Words, each of which may be several with commas between. */
const listOf = (words: readonly string[]): string[] | undefined =>
  words.length > 0 ? words.flatMap((each) => each.split(',')) : undefined;

export function engineRequest(
  args: ValuesOf<typeof engineOptions> & Partial<ValuesOf<typeof memoryOptions>>,
): EngineRequest {
  const { provider, providerOption, threads, batch, memory, activations } = args;
  const providerOptions = providerOption.length > 0 ? Object.fromEntries(providerOption) : undefined;
  return present({ provider, providerOptions, threads, batch, memory, activations });
}
