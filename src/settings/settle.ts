/** The settings of a method: its defaults, what the task asks for, and what the user says. */
import { UserError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { OptionSpec, OptionSpecs, OptionValues } from './option-specs.js';

/** As words of a command line have them: numbers, words, true or false. */
export type GivenOptions = Readonly<Record<string, string | number | boolean>>;

/** A method by its name and the options it has. */
export interface Settable<Specs extends OptionSpecs> {
  readonly name: string;
  readonly options: Specs;
}

/**
 * @param usualFor what is usual otherwise for the task at hand, given what the user sets: that wins.
 * @throws UserError naming the option that the method does not have, or what it takes.
 */
export function settle<Specs extends OptionSpecs>(
  method: Settable<Specs>,
  given: GivenOptions = {},
  usualFor?: (asked: Partial<OptionValues<Specs>>) => Partial<OptionValues<Specs>> | undefined,
): OptionValues<Specs> {
  const usual = Object.fromEntries(Object.entries(method.options).map(([name, spec]) => [name, spec.default]));
  const asked = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, read(method, name, value)]),
  ) as Partial<OptionValues<Specs>>;
  return { ...usual, ...usualFor?.(asked), ...asked } as OptionValues<Specs>;
}

function read({ name: method, options }: Settable<OptionSpecs>, name: string, value: string | number | boolean) {
  const spec = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!spec) {
    const names = Object.keys(options);
    const meant = nearest(name, names);
    throw new UserError(
      method,
      `expected an option among ${names.join(', ')}, got '${name}'${meant ? `; did you mean ${meant}?` : ''}`,
    );
  }
  return checked(`${method}: ${name}`, spec, value);
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
