/** How far the outputs of two graphs lie apart on the same samples. */
import { feedsFor, type Samples } from '../data/samples.js';
import { UserError } from '../errors.js';
import type { Graph, Value } from '../ir/types.js';
import { withProgram } from '../runtime/program.js';
import { floatsOf } from '../tensor/convert.js';
import type { Tensor } from '../tensor/tensor.js';
import { results } from './logits.js';
import type { EvaluationOptions } from './perplexity.js';

/** Of one output, over all samples; `a` is the reference. */
export interface OutputDrift {
  readonly name: string;
  /** Largest |a - b|; NaN when one side alone is not a number. */
  readonly maxAbsolute: number;
  /** ‖a - b‖² / ‖a‖², 0 where both are 0. */
  readonly relative: number;
  /** Cosine of the angle between a and b as vectors. */
  readonly cosine: number;
  /** Fraction of rows (all axes but the last) whose largest element is at the same place; absent for rows of one element. */
  readonly agreement?: number;
}

const defaultBatch = 4;

/**
 * Compares the results of two graphs, matched by name, or by place when names differ; caches of language models do not count.
 * @throws UserError when the graphs have different results, or when shapes differ.
 */
export async function drift(
  a: Graph,
  b: Graph,
  samples: Samples,
  options: EvaluationOptions = {},
): Promise<OutputDrift[]> {
  const { batch = defaultBatch, signal, onBatch, ...compileOptions } = options;
  const pairs = pairResults(results(a), results(b));
  const size = samples.fixedBatch ?? batch;
  const sums = pairs.map(([value]) => emptySum(value.name));
  await withProgram({ ...a, outputs: pairs.map(([value]) => value) }, compileOptions, (first) =>
    withProgram({ ...b, outputs: pairs.map(([, value]) => value) }, compileOptions, async (second) => {
      for (let from = 0; from < samples.count; from += size) {
        signal?.throwIfAborted();
        const to = Math.min(samples.count, from + size);
        const feeds = samples.batch(from, to);
        const expected = await first.run(feedsFor(first.inputs, feeds));
        const actual = await second.run(feedsFor(second.inputs, feeds));
        pairs.forEach(([x, y], i) => {
          accumulate(
            sums[i]!,
            expected.get(x)!,
            actual.get(y)!,
            samples.fixedBatch === undefined ? undefined : to - from,
          );
        });
        onBatch?.(to, samples.count);
      }
    }),
  );
  return sums.map(summarise);
}

function pairResults(a: readonly Value[], b: readonly Value[]): (readonly [Value, Value])[] {
  const byName = new Map(b.map((value) => [value.name, value]));
  const named = a.flatMap((value) => (byName.has(value.name) ? [[value, byName.get(value.name)!] as const] : []));
  if (named.length === a.length && a.length === b.length) return named;
  if (a.length === b.length) return a.map((value, i) => [value, b[i]!]);
  const names = (values: readonly Value[]) => values.map(({ name }) => `'${name}'`).join(', ');
  throw new UserError(
    'compare',
    `expected the outputs ${names(a)}, got ${names(b)}; compare models with the same outputs`,
  );
}

interface Sum {
  readonly name: string;
  max: number;
  difference: number;
  squares: number;
  otherSquares: number;
  products: number;
  rows: number;
  agreeing: number;
  width: number;
}

const emptySum = (name: string): Sum => ({
  name,
  max: 0,
  difference: 0,
  squares: 0,
  otherSquares: 0,
  products: 0,
  rows: 0,
  agreeing: 0,
  width: 0,
});

/** @param samples how many along the first axis count; absent: all. */
function accumulate(sum: Sum, expected: Tensor, actual: Tensor, samples: number | undefined): void {
  if (expected.shape.join() !== actual.shape.join()) {
    throw new UserError(
      'compare',
      `expected '${sum.name}' of shape [${expected.shape.join(', ')}], got [${actual.shape.join(', ')}]`,
    );
  }
  const used = samples === undefined || expected.shape.length === 0 ? 1 : samples / expected.shape[0]!;
  const a = floatsOf(expected);
  const b = floatsOf(actual);
  const count = Math.round(a.length * used);
  sum.width = expected.shape.at(-1) ?? 1;
  for (let i = 0; i < count; i++) {
    const x = a[i]!;
    const y = b[i]!;
    // equal infinities do not differ, nor do two that are not numbers
    const apart = Object.is(x, y) ? 0 : x - y;
    if (!(Math.abs(apart) <= sum.max)) sum.max = Number.isNaN(sum.max) ? sum.max : Math.abs(apart);
    sum.difference += apart * apart;
    sum.squares += x * x;
    sum.otherSquares += y * y;
    sum.products += x * y;
  }
  for (let start = 0; start < count; start += sum.width) {
    sum.rows++;
    if (largest(a, start, sum.width) === largest(b, start, sum.width)) sum.agreeing++;
  }
}

function largest(values: Float32Array, start: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

function summarise({
  name,
  max,
  difference,
  squares,
  otherSquares,
  products,
  rows,
  agreeing,
  width,
}: Sum): OutputDrift {
  const lengths = Math.sqrt(squares * otherSquares);
  return {
    name,
    maxAbsolute: max,
    relative: difference === 0 ? 0 : difference / squares,
    cosine: difference === 0 ? 1 : products / lengths,
    ...(width > 1 && { agreement: agreeing / rows }),
  };
}
