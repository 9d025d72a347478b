/** Options of `scalpel attack` that are more than a word or a number, and how they are read. */

import { type AttackName, attackNamed, attacks } from '../attack/catalogue.js';
import type { Goal, Wish } from '../attack/goals.js';
import { attacksOf, type SuiteName } from '../attack/suites.js';
import { UserError } from '../errors.js';
import type { AskedAttack } from '../pipeline/attack/request.js';
import { askedMethods } from './asked-methods.js';
import type { Reader } from './values.js';

export const attackNames = Object.keys(attacks) as AttackName[];

/** A label, an offset `+N`, `least-likely` or `all`. */
export const target: Reader<Goal | 'all'> = (text, refuse) => {
  if (text === 'all') return text;
  if (text === 'least-likely') return { kind: text };
  if (/^\+\d{1,6}$/.test(text)) return { kind: 'offset', by: Number(text) };
  if (/^\d{1,6}$/.test(text)) return { kind: 'label', label: Number(text) };
  return refuse(`expected a label such as 3, an offset such as +1, least-likely or all, got '${text}'`);
};

/** `1/4`: the first of four parts. */
export const part: Reader<{ readonly index: number; readonly parts: number }> = (text, refuse) => {
  const [, index, parts] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const fits = Number(index) >= 1 && Number(index) <= Number(parts);
  return fits
    ? { index: Number(index) - 1, parts: Number(parts) }
    : refuse(`expected PART/PARTS such as 1/4, got '${text}'`);
};

/** @throws UserError for `all` beside others. */
export function wishOf(targets: readonly (Goal | 'all')[]): Wish {
  if (targets.length === 0) return [{ kind: 'untargeted' }];
  if (!targets.includes('all')) return targets as readonly Goal[];
  if (targets.length === 1) return 'all';
  throw new UserError('attack', "--targeted expected 'all' alone, got others beside it; leave one out");
}

/** Attacks by name and by suite, each once, with its settings; those of the suite may be left out. */
export function askedAttacks(
  names: readonly string[],
  suite: SuiteName | undefined,
  settings: readonly (readonly [string, string])[],
): AskedAttack[] {
  const named = names.flatMap((each) => each.split(','));
  const catalogue = {
    command: 'attack',
    option: '--attack',
    names: attackNames,
    optionsOf: (name: AttackName) => attackNamed(name).options,
  };
  if (named.length === 0 && !suite)
    throw new UserError('attack', `expected --attack or --suite, got neither; attacks are ${attackNames.join(', ')}`);
  return askedMethods(catalogue, [...named, ...(suite ? attacksOf(suite) : [])], settings).map((asked) => ({
    ...asked,
    ...(!named.includes(asked.name) && { isOptional: true }),
  }));
}
