/** From a constraint's entry in the file to the constraint: names become features. */
import { nearest } from '../nearest.js';
import { type Linear, readFormula } from './formula.js';
import { type Constraint, type Feature, isNumber } from './schema.js';
import type { ConstraintEntry } from './schema-form.js';

/** @returns what is wrong with the entry when it cannot be. */
export function resolveConstraint(entry: ConstraintEntry, features: readonly Feature[]): Constraint | string {
  const numbers = features.filter(isNumber).map(({ name }) => name);
  const linear = typeof entry === 'string' ? readFormula(entry, numbers) : fromTerms(entry, numbers);
  if (typeof linear === 'string') return linear;
  const { low, high } = linear;
  const terms = [...linear.terms]
    .filter(([, factor]) => factor !== 0)
    .map(([name, factor]) => ({ feature: features.findIndex((feature) => feature.name === name), factor }));
  if (terms.length === 0) return 'expected a feature in it, got none; leave it out';
  if (low > high) return `expected at-least to be at most at-most, got ${low} and ${high}; swap them`;
  return { text: typeof entry === 'string' ? entry : textOf(linear), terms, low, high };
}

function fromTerms(entry: Exclude<ConstraintEntry, string>, numbers: readonly string[]): Linear | string {
  for (const name of Object.keys(entry.terms)) {
    if (numbers.includes(name)) continue;
    const meant = nearest(name, numbers);
    const advice = meant ? `did you mean '${meant}'?` : `there are ${numbers.slice(0, 8).join(', ') || 'none'}`;
    return `expected a continuous or integer feature, got '${name}'; ${advice}`;
  }
  const { equals, 'at-least': least, 'at-most': most } = entry;
  if (equals !== undefined && (least !== undefined || most !== undefined))
    return "expected 'equals' alone, got another bound too; leave one out";
  if (equals === undefined && least === undefined && most === undefined)
    return "expected 'at-least', 'at-most' or 'equals', got none; give one";
  return {
    terms: new Map(Object.entries(entry.terms)),
    low: equals ?? least ?? Number.NEGATIVE_INFINITY,
    high: equals ?? most ?? Number.POSITIVE_INFINITY,
  };
}

function textOf({ terms, low, high }: Linear): string {
  const sum = [...terms]
    .filter(([, factor]) => factor !== 0)
    .map(([name, factor], i) => {
      const sign = factor < 0 ? '-' : '+';
      const size = Math.abs(factor) === 1 ? '' : `${Math.abs(factor)} * `;
      return i > 0 ? ` ${sign} ${size}${name}` : `${factor < 0 ? '-' : ''}${size}${name}`;
    })
    .join('');
  if (low === high) return `${sum} = ${low}`;
  const bounds = [Number.isFinite(low) ? `>= ${low}` : '', Number.isFinite(high) ? `<= ${high}` : ''];
  return `${sum} ${bounds.filter(Boolean).join(' and ')}`;
}
