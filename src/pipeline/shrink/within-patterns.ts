/** withinPatterns: what of a model may go by the names of its weights, as --include and --exclude say. */
import { UserError } from '../../errors.js';
import { namePattern } from '../../ops/name-pattern.js';
import type { LayerRequest } from '../prune/request.js';

/** @param namesOf the weights of one. @param nouns what they are, such as `groups of units`. @throws UserError where a pattern matches nothing, or nothing is left. */
export function withinPatterns<T extends { readonly name: string }>(
  all: readonly T[],
  namesOf: (one: T) => readonly string[],
  { include, exclude }: LayerRequest,
  nouns: string,
): T[] {
  const matching = (option: string, text: string): Set<T> => {
    const matches = namePattern(text);
    const found = all.filter((one) => namesOf(one).some((name) => matches(name)));
    if (found.length > 0) return new Set(found);
    const examples = all.slice(0, 3).map(({ name }) => `'${name}'`);
    throw new UserError(
      'shrink',
      `${option} '${text}' matches no weight of ${all.length} ${nouns}, such as ${examples.join(', ')}; see --dry-run`,
    );
  };
  const [wanted, unwanted] = [
    include.map((text) => matching('--include', text)),
    exclude.map((text) => matching('--exclude', text)),
  ];
  const left = all.filter(
    (one) => (wanted.length === 0 || wanted.some((some) => some.has(one))) && !unwanted.some((some) => some.has(one)),
  );
  if (left.length > 0) return left;
  throw new UserError(
    'shrink',
    `expected at least one of ${all.length} ${nouns} to be left, got none; loosen --exclude`,
  );
}
