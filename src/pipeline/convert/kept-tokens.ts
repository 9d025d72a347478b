/** Which tokens of a vocabulary are kept: those of a list, those that occur in text, or both. */
import type { Samples } from '../../data/index.js';
import { occurringTokens, readTokenList } from '../../data/token-list.js';
import { UserError } from '../../errors.js';
import type { Graph } from '../../ir/types.js';
import { openData } from '../open-data.js';
import type { ConvertInputs } from './request.js';

export interface KeptTokens {
  /** Each once, ascending. */
  readonly ids: Int32Array;
  /** The text they occur in. */
  readonly samples?: Samples;
}

/** @param target that asks for them. @param copy the working copy. @throws UserError where neither is given, a list is malformed, or data are no text. */
export async function keptTokens(
  target: string,
  { model, tokens, tokensFrom }: ConvertInputs,
  copy: () => Graph,
): Promise<KeptTokens> {
  const listed = tokens === undefined ? [] : readTokenList(tokens);
  if (!tokensFrom) {
    if (listed.length > 0) return { ids: Int32Array.from(listed) };
    throw new UserError(
      'convert',
      `--to ${target} expected tokens to keep, got none; name a file of ids with --tokens, or data they occur in with --tokens-from`,
    );
  }
  const samples = await openData(copy(), model, tokensFrom);
  const where = tokensFrom.files.join(', ');
  if (!samples.tokens)
    throw new UserError(where, 'expected text or tokens for --tokens-from, got neither; name text, or say --kind');
  const all = new Set([...listed, ...occurringTokens(samples.tokens, where)]);
  return { ids: Int32Array.from(all).sort(), samples };
}
