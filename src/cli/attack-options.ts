/** Options of `scalpel attack` that are more than a word or a number, and how they are read. */

import { type AttackName, attackNamed, attacks } from '../attack/catalogue.js';
import type { Goal, Wish } from '../attack/goals.js';
import { attacksOf, type SuiteName } from '../attack/suites.js';
import { UserError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Range } from '../oracle/bounds.js';
import { type SpaceWish, spaceKinds } from '../oracle/space.js';
import type { AskedAttack } from '../pipeline/attack/request.js';
import { listed, type Reader } from './values.js';

export const attackNames = Object.keys(attacks) as AttackName[];

/** `LOW,HIGH`. */
export const range: Reader<Range> = (text, refuse) => {
  const numbers = text.split(',').map((word) => (word.trim() === '' ? Number.NaN : Number(word)));
  if (numbers.length === 2 && numbers.every(Number.isFinite)) return numbers as unknown as Range;
  return refuse(`expected two numbers LOW,HIGH, got '${text}'`);
};

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

export const space: Reader<SpaceWish> = (text, refuse) => {
  if ((spaceKinds as readonly string[]).includes(text)) return text as SpaceWish;
  const [, channels, height, width] = /^(\d{1,6})x(\d{1,6})x(\d{1,6})$/.exec(text) ?? [];
  if (Number(channels) * Number(height) * Number(width) > 0) return [Number(channels), Number(height), Number(width)];
  return refuse(`expected ${listed(spaceKinds, 'or')}, or CHANNELSxHEIGHTxWIDTH, got '${text}'`);
};

/** @throws UserError for `all` beside others. */
export function wishOf(targets: readonly (Goal | 'all')[]): Wish {
  if (targets.length === 0) return [{ kind: 'untargeted' }];
  if (!targets.includes('all')) return targets as readonly Goal[];
  if (targets.length === 1) return 'all';
  throw new UserError('attack', "--targeted expected 'all' alone, got others beside it; leave one out");
}

/**
 * Attacks by name and by suite, each once, with its settings: `NAME=VALUE` is for every attack that has such an option,
 * `ATTACK.NAME=VALUE` for one.
 * @throws UserError for names that are none, and for settings that no attack takes.
 */
export function askedAttacks(
  names: readonly string[],
  suite: SuiteName | undefined,
  settings: readonly (readonly [string, string])[],
): AskedAttack[] {
  const named = names.flatMap((each) => each.split(',')).map(nameOfAttack);
  const chosen = [...new Set([...named, ...(suite ? attacksOf(suite) : [])])];
  if (chosen.length === 0)
    throw new UserError('attack', `expected --attack or --suite, got neither; attacks are ${attackNames.join(', ')}`);
  const split = settings.map(([key, value]) => {
    const dot = key.indexOf('.');
    return { attack: dot < 0 ? undefined : key.slice(0, dot), option: key.slice(dot + 1), value };
  });
  for (const { attack, option } of split) {
    const takers = attack === undefined ? chosen : chosen.filter((name) => name === attack);
    if (takers.length === 0)
      throw new UserError(
        'attack',
        `--set expected an attack among ${chosen.join(', ')}, got '${attack}'; name it with --attack`,
      );
    if (takers.some((name) => Object.hasOwn(attackNamed(name).options, option))) continue;
    const known = [...new Set(takers.flatMap((name) => Object.keys(attackNamed(name).options)))];
    const meant = nearest(option, known);
    throw new UserError(
      'attack',
      `--set expected an option of ${listed(takers, 'or')} (${known.join(', ')}), got '${option}'${meant ? `; did you mean ${meant}?` : ''}`,
    );
  }
  return chosen.map((name) => ({
    name,
    ...(!named.includes(name) && { isOptional: true }),
    given: Object.fromEntries(
      split
        .filter(({ attack, option }) => (attack ?? name) === name && Object.hasOwn(attackNamed(name).options, option))
        .map(({ option, value }) => [option, value]),
    ),
  }));
}

function nameOfAttack(text: string): AttackName {
  if ((attackNames as readonly string[]).includes(text)) return text as AttackName;
  const meant = nearest(text, attackNames);
  throw new UserError(
    'attack',
    `--attack expected one of ${attackNames.join(', ')}, got '${text}'${meant ? `; did you mean ${meant}?` : ''}`,
  );
}
