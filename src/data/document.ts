/** Small YAML and JSON files that people write: descriptors and preprocessing steps. */
import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { UserError } from '../errors.js';

/** People write a few lines; a file of this size was given by mistake. */
const largest = 2 ** 20;

/** @throws UserError when the file is missing, large, or neither YAML nor JSON. */
export function readDocument(path: string): unknown {
  const text = readSmallFile(path);
  try {
    // aliases are limited so that a small file cannot unfold into a huge document; warnings are no messages of ours
    return parse(text, { maxAliasCount: 10, logLevel: 'error' });
  } catch (cause) {
    throw new UserError(
      path,
      `expected YAML or JSON, got ${(cause as Error).message.split('\n')[0]?.replace(/:$/, '')}; correct it there`,
      {
        cause,
      },
    );
  }
}

/** The text of such a file. @throws UserError when it is missing or large. */
export function readSmallFile(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile())
    throw new UserError(
      path,
      stats ? 'expected a file, got something else; check the path' : 'no such file; check the path',
    );
  if (stats.size > largest)
    throw new UserError(path, `expected YAML or JSON of at most 1 MiB, got ${stats.size} bytes; check the path`);
  return readFileSync(path, 'utf8');
}

/** What is wrong with the content of such a file, in one line. @param keys those that may stand at its top. */
export function describeIssue({ code, path, message }: z.core.$ZodIssue, keys: readonly string[]): string {
  const what = `${path.length > 0 ? `'${path.join('.')}': ` : ''}${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  const isUnknownKey = code === 'unrecognized_keys' && path.length === 0;
  return `${what}; ${isUnknownKey ? `the keys are ${keys.join(', ')}` : 'correct it there'}`;
}
