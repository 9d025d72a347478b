/** Reading Einsum's equation: every axis of every operand gets a label of its own, ellipses too. */

export interface Equation {
  /** The labels of each operand's axes, in order. */
  readonly terms: readonly string[];
  readonly output: string;
  /** Labels that stand for axes of an ellipsis, which broadcast. */
  readonly broadcast: ReadonlySet<string>;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

export function parseEquation(equation: string, ranks: readonly number[]): Equation {
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const written = left.split(',');
  const hidden = written.map((term, i) => (term.includes('...') ? ranks[i]! - letters(term).length : 0));
  const extra = freshLabels(equation, Math.max(0, ...hidden));
  // ellipses align at their last axes
  const spelled = (term: string, axes: number): string => term.replace('...', extra.slice(extra.length - axes));
  const terms = written.map((term, i) => spelled(term, hidden[i]!));
  const output = right === undefined ? extra + impliedOutput(written) : spelled(right, extra.length);
  return { terms, output, broadcast: new Set(extra) };
}

/** `count` labels that the equation does not use. */
export const freshLabels = (used: string, count: number): string =>
  [...alphabet]
    .filter((label) => !used.includes(label))
    .slice(0, count)
    .join('');

const letters = (term: string): string => term.replace('...', '');

/** Without an arrow: the labels that occur once, in alphabetical order. */
function impliedOutput(terms: readonly string[]): string {
  const all = [...letters(terms.map(letters).join(''))];
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label));
  return once.sort().join('');
}
