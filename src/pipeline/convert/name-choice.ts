/** What `--include` and `--exclude` of `convert` say of weights and nodes, and which of them said nothing. */
import { UserError } from '../../errors.js';
import { namePattern } from '../../ops/name-pattern.js';

export interface NameChoice {
  /** Whether any of the names is included and none excluded. */
  isChosen(...names: readonly string[]): boolean;
  /** @throws UserError for a pattern that nothing matched so far. */
  assertUsed(): void;
}

export function nameChoice(include: readonly string[], exclude: readonly string[]): NameChoice {
  const made = (option: string, patterns: readonly string[]) =>
    patterns.map((text) => ({ option, text, matches: namePattern(text), isUsed: false }));
  const included = made('--include', include);
  const excluded = made('--exclude', exclude);
  const anyOf = (patterns: typeof included, names: readonly string[]): boolean => {
    const hit = patterns.filter(({ matches }) => names.some((name) => matches(name)));
    for (const pattern of hit) pattern.isUsed = true;
    return hit.length > 0;
  };
  return {
    isChosen(...names) {
      const isIncluded = anyOf(included, names) || include.length === 0;
      return !anyOf(excluded, names) && isIncluded;
    },
    assertUsed() {
      const idle = [...included, ...excluded].find(({ isUsed }) => !isUsed);
      if (idle)
        throw new UserError(
          'convert',
          `${idle.option} '${idle.text}' matches no weight, node or op that the target looks at; see scalpel inspect for their names`,
        );
    },
  };
}
