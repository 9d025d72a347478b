/** Sparsities that the user fixes for single layers. */
import { UserError } from '../errors.js';
import { namePattern } from '../ops/name-pattern.js';

export interface Override {
  /** A glob, or `re:` and a regular expression. */
  readonly layer: string;
  /** In [0, 1); 0 keeps the layer dense. */
  readonly sparsity: number;
}

/**
 * The fixed sparsity of each layer, or undefined where no override matches; of several that match, the last one wins.
 * An allocation is then made over the other layers alone, which keep the overall target among themselves.
 * @param names what each layer may be called: its initializer, nodes and ops.
 * @throws UserError when an override matches no layer or its sparsity is outside [0, 1).
 */
export function overridden(
  names: readonly (readonly string[])[],
  overrides: readonly Override[],
): (number | undefined)[] {
  const fixed: (number | undefined)[] = names.map(() => undefined);
  for (const { layer, sparsity } of overrides) {
    if (!(sparsity >= 0 && sparsity < 1)) {
      throw new UserError(`override '${layer}'`, `expected a sparsity in [0, 1), got ${sparsity}`);
    }
    const matches = namePattern(layer);
    const found = names.flatMap((aliases, i) => (aliases.some(matches) ? [i] : []));
    if (found.length === 0) {
      const some = names.slice(0, 5).map((aliases) => `'${aliases[0]}'`);
      throw new UserError(
        `override '${layer}'`,
        `matches no prunable layer; the first of ${names.length} are ${some.join(', ')}`,
      );
    }
    for (const i of found) fixed[i] = sparsity;
  }
  return fixed;
}
