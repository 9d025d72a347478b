/** Descriptors: small YAML or JSON files that say where samples come from and how they are cut. */
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { describeIssue, readDocument } from './document.js';
import { expandFiles, packageFolder } from './files.js';
import { isInFolder, kinds } from './kinds.js';
import { readStandardise, type Standardise } from './preprocess/standardise.js';
import { preprocessSchema } from './preprocess/steps.js';

const count = z.int().positive();

const schema = z.strictObject({
  /**
   * What the files hold: text to be tokenised, token ids (.npy), arrays named after the model's inputs (.npy, .npz), records that a
   * reader knows, or `mixed`: arrays and records told by the names of the files, which belong together row by row.
   */
  kind: z.enum([...kinds, 'mixed']),
  /** One sentence on what it is, for reports. */
  description: z.string().optional(),
  licence: z.string().optional(),
  /** An npm package; `files` are then relative to its folder. */
  package: z.string().optional(),
  /** Paths, globs or folders, relative to the descriptor. */
  files: z.union([z.string(), z.array(z.string()).min(1)]),
  /** Every `every`-th file, from index `from` of the sorted list, is held out; `part` says which side is meant. */
  split: z.strictObject({ every: count, from: z.int().nonnegative(), part: z.enum(['train', 'heldout']) }).optional(),
  /** Text between documents; a special token of the tokenizer stands before each document instead. */
  separator: z.string().optional(),
  /** Field of each JSON line that holds the text. */
  field: z.string().optional(),
  /** A tokenizer.json, relative to the descriptor. */
  tokenizer: z.string().optional(),
  seqLen: count.optional(),
  samples: count.optional(),
  /** Windows from the start, or drawn by the seed. */
  order: z.enum(['first', 'random']).optional(),
  seed: z.int().nonnegative().optional(),
  /** Array or column name by input name. */
  map: z.record(z.string(), z.string()).optional(),
  /** A file of labels, relative to the descriptor. */
  labels: z.string().optional(),
  /** The column or field that holds the label. */
  label: z.string().optional(),
  /** Labels in the order of the classes. */
  classes: z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional(),
  /** The columns wanted of a table, in the order of the features. */
  columns: z.array(z.string()).min(1).optional(),
  delimiter: z.string().min(1).optional(),
  header: z.boolean().optional(),
  /** The number in the place of missing values. */
  missing: z.number().optional(),
  /** `min-max` or `z`, alone or with `:FILE` (relative to the descriptor) or `:NUMBER,NUMBER`. */
  standardise: z.string().optional(),
  cutSeries: z.boolean().optional(),
  preprocess: preprocessSchema.optional(),
});

/** A descriptor with its files found and its paths absolute. */
export interface Descriptor extends Omit<z.infer<typeof schema>, 'files' | 'package' | 'split' | 'standardise'> {
  readonly standardise?: Standardise | undefined;
  readonly path: string;
  readonly files: readonly string[];
  /** The folder that `files` is, where it is one. */
  readonly folder?: string;
}

/** @throws UserError naming the key at fault, the missing package or the pattern without files. */
export function loadDescriptor(path: string): Descriptor {
  const parsed = schema.safeParse(readDocument(path));
  if (!parsed.success) throw new UserError(path, describeIssue(parsed.error.issues[0]!, Object.keys(schema.shape)));
  const { files, package: packageName, split, ...rest } = parsed.data;
  const { tokenizer, labels, kind, standardise } = rest;
  const home = packageName ? packageFolder(packageName, path) : dirname(resolve(path));
  const isWanted = (file: string): boolean => isInFolder(file, kind === 'mixed' ? undefined : kind);
  const found = expandFiles([files].flat(), home, isWanted);
  const folder = typeof files === 'string' ? resolve(home, files) : undefined;
  const kept = split ? found.filter((_, i) => (i % split.every === split.from) === (split.part === 'heldout')) : found;
  if (kept.length === 0) throw new UserError(path, `'split': leaves none of ${found.length} files; change it`);
  return {
    ...rest,
    standardise: standardise === undefined ? undefined : standardiseIn(standardise, path),
    path,
    files: kept,
    ...(folder && statSync(folder, { throwIfNoEntry: false })?.isDirectory() && { folder }),
    ...(tokenizer && { tokenizer: resolve(dirname(path), tokenizer) }),
    ...(labels && { labels: resolve(dirname(path), labels) }),
  };
}

function standardiseIn(text: string, path: string): Standardise | undefined {
  const found = readStandardise(text);
  if (typeof found === 'string') throw new UserError(path, `'standardise': ${found}`);
  if (found?.over === 'each' || !found || !('file' in found.over)) return found;
  return { ...found, over: { file: resolve(dirname(path), found.over.file) } };
}

/** True for the parsed content of a JSON file that is a descriptor rather than data. */
export const isDescriptor = (content: unknown): boolean =>
  typeof content === 'object' && content !== null && !Array.isArray(content) && 'kind' in content;
