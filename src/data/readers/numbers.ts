/** Numbers as data files spell them. */
import { UserError } from '../../errors.js';

const spelled = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const missingWords = /^(|\?|nan|na)$/i;
/** The largest float32: models are fed nothing wider. */
const largest = 3.4028234663852886e38;

/** The number that a cell spells; NaN for a missing one (empty, `?`, `NaN`, `NA`), undefined for anything else. */
export function readNumber(cell: string): number | undefined {
  const text = cell.trim();
  if (spelled.test(text)) return Number(text);
  return missingWords.test(text) ? Number.NaN : undefined;
}

/**
 * A number that a model can be fed.
 * @param missing stands in for a missing value.
 * @param where starts the error; made only for one. @param repair what to do about a word.
 * @throws UserError for text, for a missing value without a stand-in and for what float32 cannot hold.
 */
export function numberIn(cell: string, missing: number | undefined, where: () => string, repair?: string): number {
  const value = readNumber(cell);
  if (value === undefined)
    throw new UserError(where(), `expected a number, got '${shortened(cell)}'${repair ? `; ${repair}` : ''}`);
  if (Number.isNaN(value)) return missing ?? refuseMissing(where(), cell.trim());
  return finite(value, where);
}

/** As `numberIn`, for what is a number already. */
export function numberFrom(value: number, missing: number | undefined, where: () => string): number {
  return Number.isNaN(value) ? (missing ?? refuseMissing(where(), 'NaN')) : finite(value, where);
}

function finite(value: number, where: () => string): number {
  if (Math.abs(value) <= largest) return value;
  throw new UserError(
    where(),
    `expected a number that float32 can hold, got ${value}; scale the data or mend the number`,
  );
}

function refuseMissing(where: string, cell: string): never {
  const got = cell === '' ? 'an empty cell' : `'${cell}'`;
  throw new UserError(where, `expected a number, got ${got}; fill it in, or say what stands in with --missing`);
}

/** A cell in an error: one line, not too long. */
export const shortened = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
};
