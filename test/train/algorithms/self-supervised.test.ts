/** Where series are cut, and what is foretold from there. */
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../../src/errors.js';
import type { Value } from '../../../src/ir/types.js';
import { float32 } from '../../../src/tensor/tensor.js';
import { algorithms } from '../../../src/train/algorithms/index.js';
import type { Scope } from '../../../src/train/step/scope.js';
import { graphOf, node, typed } from '../../helpers/graphs.js';
import { small, waves } from '../small.js';
import { inRowsOf, mean, sum } from './by-hand.js';
import { observed } from './observed.js';

const shape = { channels: 2, length: 20, classes: 2, width: 8 };
const size = 30;

/** Of all lengths from 1 to 20. */
function ended() {
  const series = waves(60, shape, 90);
  const lengths = Int32Array.from({ length: 60 }, (_, row) => 1 + (row % 20));
  const values = series.values.map((value, at) => (at % 20 < lengths[Math.floor(at / 40)]! ? value : 0));
  return { ...series, values, lengths };
}

const cases: readonly (readonly [string, { readonly horizon: number; readonly stride: number }, number, number])[] = [
  ['a fifth, on a coarse grid', { horizon: 0.2, stride: 0.3 }, 4, 6],
  ['a step, anywhere', { horizon: 0.01, stride: 0.01 }, 1, 1],
  ['almost all', { horizon: 0.9, stride: 1 }, 18, 20],
];

describe('forecasts', () => {
  test.each(cases.flatMap(([what, ...rest]) => [false, true].map((masked) => [what, masked, ...rest] as const)))(
    'of %s (masked: %s)',
    async (_, masked, options, ahead, stride) => {
      const unlabelled = masked ? ended() : waves(60, shape, 91);
      const data = {
        labelled: { ...waves(8, shape, 92), ...(masked && { lengths: new Int32Array(8).fill(20) }) },
        unlabelled,
      };
      const own = small({
        algorithm: algorithms['self-supervised'] as never,
        shape: { ...shape, masked },
        data,
        options,
        unlabelledBatch: size,
      });
      const places = new Set<number>();
      for (const step of [0, 1]) {
        const seen = await observed(own, { step, extra: (scope) => ({ weight: scope.parameters[0]! }) });
        const past = seen.passes[1]!;
        const whole = inRowsOf(seen.fed['unlabelled/none/0']!, 20);
        const masks = masked
          ? inRowsOf(seen.fed['unlabelled/mask']!, 20)
          : past.x.map(() => Array(20).fill(1) as number[]);
        const misses: number[] = [];
        past.features.forEach((features, i) => {
          const valid = sum(masks[i]!);
          const latest = Math.max(1, valid - ahead);
          const cut = latest - stride * Math.floor(seen.fed.cut![i]! * (Math.floor((latest - 1) / stride) + 1));
          places.add(cut);
          expect(cut).toBeGreaterThanOrEqual(1);
          expect(cut).toBeLessThanOrEqual(latest);
          // what comes after the cut is not shown
          const before = Array.from({ length: 20 }, (_, t) => (t < cut ? 1 : 0));
          if (masked) expect(past.mask![i]).toEqual(before);
          [0, 1].forEach((c) => {
            const series = whole[2 * i + c]!;
            expect(past.x[i]!.slice(20 * c, 20 * c + 20)).toEqual(series.map((value, t) => value * before[t]!));
            series.slice(cut, Math.min(valid, cut + ahead)).forEach((value, t) => {
              const foretold = sum(features.map((each, k) => each * seen.extra.weight![k]![c * ahead + t]!));
              misses.push((value - foretold) ** 2);
            });
          });
        });
        // the same number of each channel, so that the mean of all is the mean over steps of those over channels
        expect(seen.terms.forecast).toBeCloseTo(mean(misses), 4);
      }
      if (stride < 20) expect(places.size).toBeGreaterThan(1);
    },
  );

  test('leave running statistics to the series that are classified', async () => {
    const data = { labelled: waves(8, shape, 93), unlabelled: waves(8, shape, 94) };
    const [own, supervised] = await Promise.all(
      [algorithms['self-supervised'], algorithms.supervised].map(async (algorithm) => {
        const after = (scope: Scope) =>
          Object.fromEntries([...scope.statistics].map(([{ name }, value]) => [name, value]));
        return (await observed(small({ algorithm: algorithm as never, shape, data }), { step: 0, extra: after })).extra;
      }),
    );
    expect(Object.keys(own!)).toHaveLength(6);
    expect(own).toEqual(supervised);
  });

  test('are refused of a network whose logits no linear layer makes', async () => {
    const [input, logits] = [typed('input', ['batch', 2, 20]), typed('logits', ['batch', 2])];
    const weight = typed('conv.weight', [2, 2, 1]);
    const [maps, pooled]: Value[] = [{ name: 'maps' }, { name: 'pooled' }];
    const model = graphOf({
      inputs: [input],
      outputs: [logits],
      nodes: [
        node('Conv', [input, weight], [maps!]),
        node('GlobalAveragePool', [maps!], [pooled!]),
        node('Flatten', [pooled!], [logits]),
      ],
      initializers: new Map([[weight, float32([2, 2, 1], Float32Array.of(1, 2, 3, 4))]]),
    });
    const own = small({
      algorithm: algorithms['self-supervised'] as never,
      shape,
      data: { labelled: waves(8, shape, 1), unlabelled: waves(8, shape, 2) },
      model,
    });
    await expect(observed(own, { step: 0 })).rejects.toMatchObject({
      message:
        'self-supervised: expected a network whose logits come of a linear layer, got another kind; take one that ends in Gemm or MatMul',
      exitCode: exitCodes.unsupported,
    });
  });
});
