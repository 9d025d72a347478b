/** Which of the layers found are pruned: the user's patterns, and what is left out by default. */
import { UserError } from '../errors.js';
import type { Layer } from '../ops/layers.js';
import { type NamePattern, namePattern } from '../ops/name-pattern.js';
import type { LayerRequest } from './prune/request.js';

export interface LayerChoice {
  readonly selected: readonly Layer[];
  readonly left: readonly { readonly layer: Layer; readonly reason: string }[];
  /** What each pattern of the user matched, by layer name. */
  readonly matches: readonly { readonly pattern: string; readonly layers: readonly string[] }[];
}

/**
 * Applies `include` and `exclude` to the layers; without `include`, the layers of `leftByDefault` are left out.
 * @throws UserError when a pattern matches nothing, or when nothing is selected.
 */
export function selectLayers(
  layers: readonly Layer[],
  request: LayerRequest,
  leftByDefault: ReadonlyMap<Layer, string>,
): LayerChoice {
  const include = request.include.map((pattern) => matching(layers, '--include', pattern));
  const exclude = request.exclude.map((pattern) => matching(layers, '--exclude', pattern));
  const wanted = new Set(include.flatMap(({ found }) => found));
  const unwanted = new Map(exclude.flatMap(({ pattern, found }) => found.map((layer) => [layer, pattern] as const)));

  const reasonAgainst = (layer: Layer): string | undefined => {
    const pattern = unwanted.get(layer);
    if (pattern !== undefined) return `excluded by '${pattern}'`;
    if (include.length > 0) return wanted.has(layer) ? undefined : 'not included';
    return leftByDefault.get(layer);
  };

  const left = layers.flatMap((layer) => {
    const reason = reasonAgainst(layer);
    return reason === undefined ? [] : [{ layer, reason }];
  });
  const outside = new Set(left.map(({ layer }) => layer));
  const selected = layers.filter((layer) => !outside.has(layer));
  if (selected.length === 0) {
    throw new UserError(
      'prune',
      `expected at least one layer to prune, got none of ${layers.length}; loosen --include and --exclude`,
    );
  }
  const matches = [...include, ...exclude].map(({ pattern, found }) => ({
    pattern,
    layers: found.map(({ name }) => name),
  }));
  return { selected, left, matches };
}

/** True when the pattern matches the initializer, or the name or op of any node that uses it. */
export const layerMatches = (layer: Layer, pattern: NamePattern): boolean =>
  pattern(layer.name) || layer.uses.some(({ node }) => pattern(node.name) || pattern(node.op));

function matching(layers: readonly Layer[], option: string, pattern: string): { pattern: string; found: Layer[] } {
  const matches = namePattern(pattern);
  const found = layers.filter((layer) => layerMatches(layer, matches));
  if (found.length === 0) {
    const examples = layers
      .slice(0, 3)
      .map(({ name, uses }) => `'${name}' (${uses[0]?.node.op} '${uses[0]?.node.name}')`);
    throw new UserError(
      'prune',
      `${option} '${pattern}' matches no prunable layer; there are ${layers.length}, such as ${examples.join(', ')}`,
    );
  }
  return { pattern, found };
}
