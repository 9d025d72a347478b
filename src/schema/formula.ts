/** Linear formulas over names that may themselves hold hyphens and spaces: 'age - education-years >= 6'. */
import { nearest } from '../nearest.js';

export interface Linear {
  /** Factor by name. */
  readonly terms: ReadonlyMap<string, number>;
  readonly low: number;
  readonly high: number;
}

interface Sum {
  readonly terms: Map<string, number>;
  constant: number;
}

/**
 * Sums of numbers, names and numbers times names on both sides of <=, >= or =. A name is the longest known one that stands there, so
 * 'a - b' is a difference and 'a-b' a name where there is such a name.
 * @returns what is wrong with the text when it is none.
 */
export function readFormula(text: string, names: readonly string[]): Linear | string {
  const known = names.filter((name) => !/^[\d.]/.test(name) || Number.isNaN(Number(name)));
  const left = readSum(text, 0, known);
  if (typeof left === 'string') return left;
  const sign = /^(<=|>=|==?)/.exec(text.slice(left.end))?.[0];
  if (!sign) return `expected <=, >= or = ${placeIn(text, left.end)}; write it as 'a - 2 * b >= 6'`;
  const right = readSum(text, left.end + sign.length, known);
  if (typeof right === 'string') return right;
  if (right.end < text.length) return `expected its end ${placeIn(text, right.end)}; write one comparison a constraint`;
  const terms = left.sum.terms;
  for (const [name, factor] of right.sum.terms) terms.set(name, (terms.get(name) ?? 0) - factor);
  const bound = right.sum.constant - left.sum.constant;
  return {
    terms,
    low: sign === '<=' ? Number.NEGATIVE_INFINITY : bound,
    high: sign === '>=' ? Number.POSITIVE_INFINITY : bound,
  };
}

function readSum(text: string, from: number, names: readonly string[]): { sum: Sum; end: number } | string {
  const sum: Sum = { terms: new Map(), constant: 0 };
  let at = skipSpace(text, from);
  for (let isFirst = true; ; isFirst = false) {
    const operator = /^[+-]/.exec(text.slice(at))?.[0];
    if (!operator && !isFirst) return { sum, end: at };
    at = skipSpace(text, at + (operator ? 1 : 0));
    const term = readTerm(text, at, names);
    if (typeof term === 'string') return term;
    const factor = operator === '-' ? -term.factor : term.factor;
    if (term.name === undefined) sum.constant += factor;
    else sum.terms.set(term.name, (sum.terms.get(term.name) ?? 0) + factor);
    at = skipSpace(text, term.end);
  }
}

interface Term {
  readonly name?: string;
  readonly factor: number;
  readonly end: number;
}

/** A number, a name, or the product of the two in either order. */
function readTerm(text: string, at: number, names: readonly string[]): Term | string {
  const name = nameAt(text, at, names);
  const number = name === undefined ? numberAt(text, at) : undefined;
  if (name === undefined && number === undefined) return unknown(text, at, names);
  const end = skipSpace(text, at + (name ?? number)!.length);
  if (text[end] !== '*') return name === undefined ? { factor: Number(number), end } : { name, factor: 1, end };
  const after = skipSpace(text, end + 1);
  const other = name === undefined ? nameAt(text, after, names) : numberAt(text, after);
  if (other === undefined) return unknown(text, after, names);
  return { name: name ?? other, factor: Number(name === undefined ? number : other), end: after + other.length };
}

const numberAt = (text: string, at: number): string | undefined =>
  /^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(?=$|[\s+*<>=-])/.exec(text.slice(at))?.[0];

/** The longest of the names that stands at a place and ends there. */
const nameAt = (text: string, at: number, names: readonly string[]): string | undefined =>
  names
    .filter((name) => text.startsWith(name, at) && /^($|[\s+*<>=-])/.test(text.slice(at + name.length)))
    .sort((a, b) => b.length - a.length)[0];

function unknown(text: string, at: number, names: readonly string[]): string {
  const word = /^[^\s+*<>=]*/.exec(text.slice(at))?.[0];
  if (!word) return `expected a number or a feature ${placeIn(text, at)}; write it as 'a - 2 * b >= 6'`;
  const meant = nearest(word, names);
  return `expected a continuous or integer feature, got '${word}'; ${meant ? `did you mean '${meant}'?` : `there are ${names.slice(0, 8).join(', ') || 'none'}`}`;
}

const placeIn = (text: string, at: number): string => (at < text.length ? `at '${text.slice(at)}'` : 'before the end');

const skipSpace = (text: string, at: number): number => at + /^\s*/.exec(text.slice(at))![0].length;
