import { describe, expect, test } from 'vitest';
import { ops } from '../../../src/ops/catalogue.js';
import { checkCase, nameOf } from './case.js';
import { random, unreached } from './flat.js';
import { sizes } from './shape.js';
import { tables } from './tables.js';

/** Rules checked elsewhere, with the reason why no row can. */
const elsewhere: Readonly<Record<string, string>> = {
  ...unreached,
  ...random,
  ...sizes,
  MelWeightMatrix: 'its edges choose bins: it is flat, and jumps between them',
  If: 'has bodies: control.test.ts',
  Scan: 'has a body: control.test.ts',
  Loop: 'has a body: control.test.ts',
  QuantizeLinear: 'straight-through: quantization.test.ts',
  DequantizeLinear: 'straight-through: quantization.test.ts',
  DynamicQuantizeLinear: 'straight-through: quantization.test.ts',
};

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
