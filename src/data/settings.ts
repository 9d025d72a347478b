/** How samples are read: options, a descriptor and defaults brought together. */

import type { Kind } from './kinds.js';
import type { Standardise } from './preprocess/standardise.js';
import { loadPreprocess, type Preprocess } from './preprocess/steps.js';
import type { Label, ReaderOptions } from './reader.js';
import type { ResolvedSource } from './source.js';

/** Each option wins over the descriptor's. */
export interface SampleOptions extends Omit<ReaderOptions, 'folder'> {
  /** What the files hold; default: told by their names. */
  readonly kind?: Kind | undefined;
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
  /** By input name: the array or column that feeds it, or for language models the role it plays, such as `input_ids`. */
  readonly map?: Readonly<Record<string, string>> | undefined;
  /** What is done to pictures and numbers; its steps win over the descriptor's one by one. */
  readonly preprocess?: Preprocess | undefined;
  /** Path of a file of such steps: they win over the descriptor's, and `preprocess` over them. */
  readonly preprocessFile?: string | undefined;
  /** How series and features are scaled. */
  readonly standardise?: Standardise | undefined;
  /** Leaves out the end of series that are longer than the model's input. */
  readonly cutSeries?: boolean | undefined;
  /** Labels in the order of the classes; default: as the files say, or sorted. */
  readonly classes?: readonly Label[] | undefined;
}

/** What holds where neither the options nor a descriptor say otherwise. */
export interface SampleDefaults {
  readonly order?: 'first' | 'random';
  /** Windows taken of text; stored samples are all taken. */
  readonly windows?: number;
}

export interface Settings extends SampleOptions {
  readonly order: 'first' | 'random';
  readonly seed: number;
  readonly map: Readonly<Record<string, string>>;
}

export function settle(
  options: SampleOptions,
  { kind, descriptor }: ResolvedSource,
  defaults: SampleDefaults,
): Settings {
  const usual = kind === 'text' ? { samples: defaults.windows } : {};
  const settings = { ...usual, ...descriptor, ...present(options), kind };
  const { preprocessFile } = settings;
  const preprocess = {
    ...descriptor?.preprocess,
    ...(preprocessFile && loadPreprocess(preprocessFile)),
    ...present(options.preprocess ?? {}),
  };
  const { order = defaults.order ?? 'first', seed = 0, map = {} } = settings;
  return { ...settings, order, seed, map, preprocess: Object.keys(preprocess).length > 0 ? preprocess : undefined };
}

const present = <T extends object>(options: T): Partial<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
