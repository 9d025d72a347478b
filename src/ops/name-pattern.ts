/** Patterns over names that people write on a command line: a glob, or `re:` and a regular expression. */
import picomatch from 'picomatch';
import { UserError } from '../errors.js';

export type NamePattern = (name: string) => boolean;

/**
 * A glob in which `*` also crosses `/` and `.` (names of nodes are no paths), or a regular expression after `re:`.
 * @throws UserError for an empty pattern or a malformed regular expression.
 */
export function namePattern(text: string): NamePattern {
  if (text.trim() === '')
    throw new UserError('pattern', "expected a glob or 're:' and a regular expression, got an empty one");
  if (!text.startsWith('re:')) {
    // picomatch's second argument changes its answer, and `some` and `filter` would give it one
    const glob = picomatch(text, { bash: true, dot: true, nonegate: true });
    return (name) => glob(name);
  }
  try {
    const expression = new RegExp(text.slice(3), 'u');
    return (name) => expression.test(name);
  } catch (cause) {
    throw new UserError(
      `pattern '${text}'`,
      `expected a regular expression after 're:', got ${(cause as Error).message}`,
      { cause },
    );
  }
}
