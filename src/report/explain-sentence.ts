/** A counterfactual in one plain sentence. */
import type { FeatureChange, Says } from './explain-report.js';
import { figure, percent, plural } from './format.js';

/** Changes told one by one; the rest are counted. */
const mostTold = 5;

/**
 * For example: `If hours-per-week were 45 hours instead of 40 hours, the model would say >50K (62.0 %) instead of <=50K (8.1 %).`
 * @param changes in the order in which they are told.
 */
export function sentenceOf(changes: readonly FeatureChange[], before: Says, after: Says): string {
  const told = changes
    .slice(0, mostTold)
    .map(({ feature, text }, i) => `${feature} ${i === 0 ? 'were ' : ''}${text.to} instead of ${text.from}`);
  const rest = changes.length - told.length;
  const all = rest > 0 ? [...told, `${plural(rest, 'other feature')} as the table says`] : told;
  return `If ${joined(all)}, the model would say ${saysText(after)} instead of ${saysText(before)}.`;
}

/** `>50K (62.0 %)`, or `21.5`. */
export const saysText = ({ name, probability, value }: Says): string =>
  value === undefined ? `${name}${probability === undefined ? '' : ` (${chance(probability)})`}` : figure(value);

/** Nothing is sure. */
const chance = (probability: number): string =>
  probability > 0.9995 ? `over ${percent(0.999)}` : percent(probability);

const joined = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
