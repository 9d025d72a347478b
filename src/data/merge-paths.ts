/** mergePaths: what byte-pair encoding goes through on its way to a token. */

export interface Merges {
  /** Which pair is merged before which. */
  readonly rank: (one: string, other: string) => number | undefined;
  /** Before what continues a word, and behind what ends one; empty where there is no such sign. */
  readonly continuing: string;
  readonly ending: string;
}

/** @param pairs in the order of a tokenizer's list. */
export function mergesOf(pairs: readonly (readonly [string, string])[], signs: Partial<Omit<Merges, 'rank'>>): Merges {
  const ranks = new Map<string, Map<string, number>>();
  for (const [rank, [one, other]] of pairs.entries()) {
    const known = ranks.get(one) ?? new Map<string, number>();
    if (!known.has(other)) known.set(other, rank);
    ranks.set(one, known);
  }
  const { continuing = '', ending = '' } = signs;
  return { rank: (one, other) => ranks.get(one)?.get(other), continuing, ending };
}

/** What a merge of two makes. */
export const joined = (one: string, other: string, { continuing }: Pick<Merges, 'continuing'>): string =>
  one + (continuing !== '' && other.startsWith(continuing) ? other.slice(continuing.length) : other);

/**
 * All pieces that stand at some time where the token's characters do, when it is encoded by itself: the pair of lowest rank is merged
 * first, the leftmost of several. In a text that ends with this token at this place no merge reaches across its borders, so that it is
 * made in the same way there.
 */
export function piecesOf(token: string, merges: Merges): Set<string> {
  const symbols = charactersOf(token, merges);
  const seen = new Set(symbols);
  for (;;) {
    let best: { readonly at: number; readonly rank: number } | undefined;
    for (let at = 0; at + 1 < symbols.length; at++) {
      const rank = merges.rank(symbols[at]!, symbols[at + 1]!);
      if (rank !== undefined && (!best || rank < best.rank)) best = { at, rank };
    }
    if (!best) return seen;
    const made = joined(symbols[best.at]!, symbols[best.at + 1]!, merges);
    symbols.splice(best.at, 2, made);
    seen.add(made);
  }
}

function charactersOf(token: string, { continuing, ending }: Merges): string[] {
  const isContinued = continuing !== '' && token.startsWith(continuing);
  const isEnd = ending !== '' && token.endsWith(ending) && token.length > ending.length;
  const start = isContinued ? continuing.length : 0;
  const characters = [...token.slice(start, isEnd ? -ending.length : undefined)];
  return characters.map(
    (character, i) =>
      `${i > 0 || isContinued ? continuing : ''}${character}${isEnd && i === characters.length - 1 ? ending : ''}`,
  );
}
