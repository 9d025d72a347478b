/** Descriptors: small YAML or JSON files that say where samples come from and how they are cut. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { expandFiles, packageFolder } from './files.js';

const count = z.int().positive();

const schema = z.strictObject({
  /** What the files hold: text to be tokenised, token ids (.npy), or arrays named after the model's inputs (.npy, .npz). */
  kind: z.enum(['text', 'tokens', 'arrays']),
  /** One sentence on what it is, for reports. */
  description: z.string().optional(),
  licence: z.string().optional(),
  /** An npm package; `files` are then relative to its folder. */
  package: z.string().optional(),
  /** Paths or globs, relative to the descriptor. */
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
  /** Array name by input name. */
  map: z.record(z.string(), z.string()).optional(),
});

export type DescriptorKind = z.infer<typeof schema>['kind'];

/** A descriptor with its files found and its paths absolute. */
export interface Descriptor extends Omit<z.infer<typeof schema>, 'files' | 'package' | 'split'> {
  readonly path: string;
  readonly files: readonly string[];
}

/** @throws UserError naming the key at fault, the missing package or the pattern without files. */
export function loadDescriptor(path: string): Descriptor {
  const parsed = schema.safeParse(readDocument(path));
  if (!parsed.success) throw new UserError(path, describeIssue(parsed.error.issues[0] as z.core.$ZodIssue));
  const { files, package: packageName, split, ...rest } = parsed.data;
  const folder = packageName ? packageFolder(packageName, resolve(path)) : dirname(resolve(path));
  const found = expandFiles(typeof files === 'string' ? [files] : files, folder);
  const kept = split ? found.filter((_, i) => (i % split.every === split.from) === (split.part === 'heldout')) : found;
  if (kept.length === 0) throw new UserError(path, `'split': leaves none of ${found.length} files`);
  return {
    ...rest,
    path,
    files: kept,
    ...(rest.tokenizer && { tokenizer: resolve(dirname(path), rest.tokenizer) }),
  };
}

function describeIssue({ code, path, message }: z.core.$ZodIssue): string {
  const what = `${path.length > 0 ? `'${path.join('.')}': ` : ''}${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  const isUnknownKey = code === 'unrecognized_keys' && path.length === 0;
  return isUnknownKey ? `${what}; the keys are ${Object.keys(schema.shape).join(', ')}` : what;
}

/** True for the parsed content of a JSON file that is a descriptor rather than data. */
export const isDescriptor = (content: unknown): boolean =>
  typeof content === 'object' && content !== null && !Array.isArray(content) && 'kind' in content;

function readDocument(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    // aliases are limited so that a small file cannot unfold into a huge document
    return parse(text, { maxAliasCount: 10 });
  } catch (cause) {
    throw new UserError(path, `expected YAML or JSON, got ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
}
