import { describe, expect, test } from 'vitest';
import { ops } from '../../../src/ops/catalogue.js';
import { arithmetic } from './arithmetic.js';
import { type Case, checkCase, nameOf } from './case.js';
import { reductions } from './reductions.js';
import { shape } from './shape.js';

const tables: Readonly<Record<string, readonly Case[]>> = { arithmetic, reductions, shape };

/** Rules checked elsewhere, with the reason why no row can. */
const elsewhere: Readonly<Record<string, string>> = {};

describe.each(Object.entries(tables))('gradient rules: %s', (_family, rows) => {
  test.each(rows.map((row) => [nameOf(row), row] as const))('%s', async (_name, row) => checkCase(row));
});

test('every rule has a row', () => {
  const covered = new Set(
    Object.values(tables).flatMap((rows) =>
      rows.map(([op, , options]) => (options?.domain ? `${options.domain}.${op}` : op)),
    ),
  );
  const without = Object.entries(ops).flatMap(([name, { vjp }]) =>
    vjp && !covered.has(name) && !(name in elsewhere) ? [name] : [],
  );
  expect(without).toEqual([]);
});
