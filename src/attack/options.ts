/** The settings of an attack: its defaults, what the kind of examples asks for, and what the user says. */
import { UserError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Attack, OptionSpec, OptionSpecs, OptionValues } from './attack.js';
import type { Space } from './space.js';

/** As words of a command line have them: numbers, words, true or false. */
export type GivenOptions = Readonly<Record<string, string | number | boolean>>;

/** @throws UserError naming the option that the attack does not have, or what it takes. */
export function settle<Specs extends OptionSpecs>(
  attack: Attack<Specs>,
  space: Space,
  targeted: boolean,
  given: GivenOptions = {},
): OptionValues<Specs> {
  const usual = Object.fromEntries(Object.entries(attack.options).map(([name, spec]) => [name, spec.default]));
  const asked = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, read(attack, name, value)]),
  ) as Partial<OptionValues<Specs>>;
  return { ...usual, ...attack.defaults?.(space, targeted, asked), ...asked } as OptionValues<Specs>;
}

function read<Specs extends OptionSpecs>(attack: Attack<Specs>, name: string, value: string | number | boolean) {
  const spec = Object.hasOwn(attack.options, name) ? attack.options[name] : undefined;
  if (!spec) {
    const names = Object.keys(attack.options);
    const meant = nearest(name, names);
    throw new UserError(
      attack.name,
      `expected an option among ${names.join(', ')}, got '${name}'${meant ? `; did you mean ${meant}?` : ''}`,
    );
  }
  return checked(`${attack.name}: ${name}`, spec, value);
}

function checked(where: string, spec: OptionSpec, value: string | number | boolean): string | number | boolean {
  if ('choices' in spec) {
    if (spec.choices.includes(String(value))) return String(value);
    throw new UserError(where, `expected ${spec.choices.join(' or ')}, got '${value}'`);
  }
  if (typeof spec.default === 'boolean') {
    if (String(value) === 'true' || String(value) === 'false') return String(value) === 'true';
    throw new UserError(where, `expected true or false, got '${value}'`);
  }
  const {
    from = Number.NEGATIVE_INFINITY,
    to = Number.POSITIVE_INFINITY,
    whole = false,
  } = spec as {
    from?: number;
    to?: number;
    whole?: boolean;
  };
  const number = numberOf(value);
  const fits = Number.isFinite(number) && number >= from && number <= to && (!whole || Number.isInteger(number));
  if (fits) return number;
  const range =
    to < Number.POSITIVE_INFINITY
      ? ` in [${from}, ${to}]`
      : from > Number.NEGATIVE_INFINITY
        ? ` of at least ${from}`
        : '';
  throw new UserError(where, `expected a ${whole ? 'whole ' : ''}number${range}, got '${value}'`);
}

/** `8/255` is a number here. */
function numberOf(value: string | number | boolean): number {
  if (typeof value === 'number') return value;
  const [above = '', below = '1', ...rest] = String(value).split('/');
  return rest.length > 0 || above.trim() === '' || below.trim() === '' ? Number.NaN : Number(above) / Number(below);
}
