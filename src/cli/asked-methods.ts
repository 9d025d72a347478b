/** askedMethods: methods of a catalogue by name, each with its settings, as a command line has them. */
import { UserError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { GivenOptions, OptionSpecs } from '../settings/index.js';
import { listed } from './values.js';

export interface Catalogue<Name extends string> {
  /** The command that takes them, and its option for their names. */
  readonly command: string;
  readonly option: string;
  readonly names: readonly Name[];
  readonly optionsOf: (name: Name) => OptionSpecs;
}

export interface AskedMethod<Name extends string = string> {
  readonly name: Name;
  /** What differs from the method's own settings. */
  readonly given: GivenOptions;
}

/**
 * Each method once. `NAME=VALUE` is for every method that has such an option, `METHOD.NAME=VALUE` for one.
 * @throws UserError for names that are none, and for settings that no method takes.
 */
export function askedMethods<Name extends string>(
  catalogue: Catalogue<Name>,
  names: readonly string[],
  settings: readonly (readonly [string, string])[],
): AskedMethod<Name>[] {
  const { command, option, optionsOf } = catalogue;
  const chosen = [...new Set(names.map((text) => nameIn(catalogue, text)))];
  const split = settings.map(([key, value]) => {
    const dot = key.indexOf('.');
    return { method: dot < 0 ? undefined : key.slice(0, dot), option: key.slice(dot + 1), value };
  });
  for (const { method, option: wanted } of split) {
    const takers = method === undefined ? chosen : chosen.filter((name) => name === method);
    if (takers.length === 0)
      throw new UserError(
        command,
        `--set expected a name among ${chosen.join(', ')}, got '${method}'; name it with ${option}`,
      );
    if (takers.some((name) => Object.hasOwn(optionsOf(name), wanted))) continue;
    const known = [...new Set(takers.flatMap((name) => Object.keys(optionsOf(name))))];
    if (known.length === 0)
      throw new UserError(
        command,
        `--set expected nothing, as ${listed(takers, 'or')} has no options, got '${wanted}'`,
      );
    const meant = nearest(wanted, known);
    throw new UserError(
      command,
      `--set expected an option of ${listed(takers, 'or')} (${known.join(', ')}), got '${wanted}'${meant ? `; did you mean ${meant}?` : ''}`,
    );
  }
  return chosen.map((name) => ({
    name,
    given: Object.fromEntries(
      split
        .filter(({ method, option: key }) => (method ?? name) === name && Object.hasOwn(optionsOf(name), key))
        .map(({ option: key, value }) => [key, value]),
    ),
  }));
}

function nameIn<Name extends string>({ command, option, names }: Catalogue<Name>, text: string): Name {
  if ((names as readonly string[]).includes(text)) return text as Name;
  const meant = nearest(text, names);
  throw new UserError(
    command,
    `${option} expected one of ${names.join(', ')}, got '${text}'${meant ? `; did you mean ${meant}?` : ''}`,
  );
}
