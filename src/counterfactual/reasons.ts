/** reasons: why nothing was found for an instance, as far as can be told. */
import type { Violation } from '../schema/index.js';
import type { Case } from './case.js';

export interface Reason {
  readonly kind: 'limit' | 'nothing may change' | 'not reached' | 'broken' | 'rounding';
  /** One sentence for people. */
  readonly text: string;
  /** The nearest that an allowed point came to the goal, in the unit of the scores: above 0; absent where none was asked about. */
  readonly missing?: number;
  /** Names of features that stand at an end of what they may be where the search came nearest. */
  readonly binding?: readonly string[];
}

export function reasonFor(
  asked: Case,
  row: number,
  {
    isCutShort,
    broken,
    margin,
  }: { readonly isCutShort: boolean; readonly broken: readonly Violation[]; readonly margin: number },
): Reason {
  const { size } = asked;
  let free = 0;
  for (let i = row * size; i < (row + 1) * size; i++) if (!asked.isFixed(i)) free++;
  if (free === 0) return { kind: 'nothing may change', text: 'nothing of it may change' };
  if (broken.length > 0) return { kind: 'broken', text: broken.map(({ text }) => text).join('; ') };
  if (asked.found(row))
    return { kind: 'rounding', text: 'what was found does not hold once it is rounded to the input', missing: margin };
  const nearest = asked.nearest[row]!;
  const missing = Number.isFinite(nearest) ? { missing: nearest } : {};
  const binding = bindingOf(asked, row);
  const near = Number.isFinite(nearest) ? `; the nearest allowed point lacks ${Number(nearest.toPrecision(3))}` : '';
  const held = binding.length > 0 ? `, with ${binding.join(', ')} at the end of what they may be` : '';
  if (isCutShort)
    return { kind: 'limit', text: `nothing was found within the limits${near}${held}`, ...missing, binding };
  return { kind: 'not reached', text: `the goal was not reached${near}${held}`, ...missing, binding };
}

/** Features at an end of their own in the point that came nearest. */
function bindingOf(asked: Case, row: number): string[] {
  const point = asked.nearestPoint(row);
  const { schema, labels } = asked.features;
  if (!point || !schema) return [];
  const from = row * asked.size;
  const names = new Set<string>();
  for (let i = 0; i < asked.size; i++) {
    if (asked.isFixed(from + i) || point[i] === asked.x[from + i]) continue;
    if (point[i] === asked.lower[from + i] || point[i] === asked.upper[from + i])
      names.add(schema.features[labels[i]!]!.name);
  }
  return [...names];
}
