/** Exported networks through the three targets: they load, save, run and stay close. */
import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { int8 } from '../../src/convert/int8.js';
import { lowRank } from '../../src/convert/low-rank.js';
import { matMulNBits } from '../../src/convert/matmul-nbits.js';
import { UserError } from '../../src/errors.js';
import { flowsOf } from '../../src/groups/flows.js';
import { feeds } from '../../src/ir/graph.js';
import { load } from '../../src/onnx/load.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { fed } from '../groups/fed.js';
import { networks } from '../groups/networks.js';
import { bitsHere, converted, distance, outputOf } from './asked.js';

/** Noise in, of the sizes that the network takes. */
async function inputsOf(path: string): Promise<Record<string, Tensor>> {
  const { graph } = load(path);
  const symbols = [
    ...new Set(
      feeds(graph)
        .flatMap(({ type }) => type?.shape ?? [])
        .filter((size) => typeof size === 'string'),
    ),
  ];
  try {
    return Object.fromEntries(fed(await flowsOf(workingCopy(graph), {})));
  } catch {
    return Object.fromEntries(
      fed(await flowsOf(workingCopy(graph), Object.fromEntries(symbols.map((name) => [name, 2])))),
    );
  }
}

const { bits, rounding } = await bitsHere();

const all = [
  ['int8', int8, {}, 0.06],
  ['int8 static', int8, { activations: 'static', bits }, 0.25 * rounding],
  ['int8 dynamic', int8, { activations: 'dynamic', bits }, 0.15 * rounding],
  ['matmul-nbits', matMulNBits, { bits: '8' }, 0.06],
  ['low-rank', lowRank, { rank: 0.95 }, Number.POSITIVE_INFINITY],
] as const;

/** How many networks each target had something for. */
const made = new Map<string, number>();

describe.each(networks)('%s', (_, path) => {
  test.each(all)('%s', async (name, target, given, most) => {
    const inputs = await inputsOf(path);
    const { graph } = load(path);
    const batches = [new Map(feeds(graph).map((value) => [value, inputs[value.name]!]))];
    try {
      const { graph: small, before, tensors } = await converted(target as typeof int8, path, given, { batches });
      expect(tensors.length).toBeGreaterThan(0);
      for (const { bytes } of tensors) expect(bytes.after).toBeLessThan(bytes.before);
      const y = await outputOf(small, inputs);
      made.set(name, (made.get(name) ?? 0) + 1);
      expect(y.every(Number.isFinite)).toBe(true);
      expect(distance(y, await outputOf(before, inputs))).toBeLessThan(most);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // networks of convolutions alone, and old or tiny ones, have nothing for some targets
      expect(error.exitCode).toBe(3);
      expect(error.message).toMatch(/found none|opset/);
    }
  });
});

test.each([
  ['int8', 0.8],
  ['int8 static', 0.8],
  ['int8 dynamic', 0.8],
  ['matmul-nbits', 0.3],
  ['low-rank', 0.5],
])('%s has something to convert in most networks', (name, share) => {
  expect((made.get(name) ?? 0) / networks.length).toBeGreaterThanOrEqual(share);
});
