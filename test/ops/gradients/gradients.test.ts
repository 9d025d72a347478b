import { describe, expect, test } from 'vitest';
import { ops } from '../../../src/ops/catalogue.js';
import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import { type Case, checkCase, nameOf } from './case.js';
import { convolutions } from './convolutions.js';
import { flat, random, unreached } from './flat.js';
import { fourier } from './fourier.js';
import { indexing, scatter } from './indexing.js';
import { losses } from './losses.js';
import { normalisation } from './normalisation.js';
import { passing } from './passing.js';
import { pooling } from './pooling.js';
import { products } from './products.js';
import { recurrent } from './recurrent.js';
import { reductions } from './reductions.js';
import { sampling } from './sampling.js';
import { selection } from './selection.js';
import { shape, sizes } from './shape.js';
import { slicing } from './slicing.js';
import { trigonometry } from './trigonometry.js';

const tables: Readonly<Record<string, readonly Case[]>> = {
  activations,
  arithmetic,
  convolutions,
  flat,
  fourier,
  losses,
  normalisation,
  passing,
  pooling,
  products,
  recurrent,
  reductions,
  selection,
  shape,
  trigonometry,
  indexing,
  scatter,
  slicing,
  sampling,
};

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
