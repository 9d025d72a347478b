/** Between which numbers inner values lie while calibration samples run through the working copy. */
import { feedsFor } from '../../data/samples.js';
import { UserError } from '../../errors.js';
import type { Graph, Value } from '../../ir/types.js';
import { builderFor } from '../../ops/builder.js';
import { tap } from '../../rewrite/tap.js';
import { type CompileOptions, withProgram } from '../../runtime/program.js';
import { dataOf, type Tensor } from '../../tensor/tensor.js';

export interface Range {
  /** At most 0. */
  readonly low: number;
  /** At least 0. */
  readonly high: number;
}

export interface RangeOptions extends CompileOptions {
  /** The share of numbers that lies within; 1 is all. */
  readonly share: number;
  readonly signal: AbortSignal;
}

type Batches = Iterable<ReadonlyMap<Value, Tensor>>;

/**
 * By value. Zero always lies within, so that it is exact; with `share` below 1 the tails beyond are left out, half of them on each
 * side that has one.
 * @param batches is read once, and once more for each group of values where tails are left out.
 * @throws UserError without a batch, or when a value is not finite.
 */
export async function rangesOf(
  graph: Graph,
  values: readonly Value[],
  batches: Batches,
  { share, signal, ...options }: RangeOptions,
): Promise<Map<Value, Range>> {
  if (values.length === 0) return new Map();
  const spans = await spansOf(graph, values, batches, signal, options);
  const clipped = share < 1 ? await clippedSpans(graph, spans, share, batches, signal, options) : spans;
  return new Map(
    [...clipped].map(([value, { low, high }]) => [value, { low: Math.min(0, low), high: Math.max(0, high) }]),
  );
}

interface Span extends Range {
  /** Elements of the largest batch. */
  readonly count: number;
}

async function spansOf(
  graph: Graph,
  values: readonly Value[],
  batches: Batches,
  signal: AbortSignal,
  options: CompileOptions,
) {
  const g = builderFor(graph);
  const all = { keepdims: 0 };
  const asked = values.map((value) => ({
    value,
    low: g.op('ReduceMin', [value], all),
    high: g.op('ReduceMax', [value], all),
    shape: g.op('Shape', [value]),
  }));
  const outputs = asked.flatMap(({ low, high, shape }) => [low, high, shape]);
  const spans = new Map<Value, Span>();
  let done = 0;
  await withProgram(g.appendTo({ ...graph, outputs: [] }, outputs), options, async (program) => {
    for (const batch of batches) {
      signal.throwIfAborted();
      const results = await program.run(feedsFor(program.inputs, batch));
      const number = (value: Value): number => Number(dataOf(results.get(value)!)[0]);
      for (const { value, low, high, shape } of asked) {
        const sizes = Array.from(dataOf(results.get(shape)!) as BigInt64Array, Number);
        const before = spans.get(value);
        spans.set(value, {
          low: finite(value, Math.min(number(low), before?.low ?? Number.POSITIVE_INFINITY)),
          high: finite(value, Math.max(number(high), before?.high ?? Number.NEGATIVE_INFINITY)),
          count: Math.max(
            sizes.reduce((product, size) => product * size, 1),
            before?.count ?? 0,
          ),
        });
      }
      done++;
    }
  });
  if (done === 0) throw new UserError('int8', 'expected at least one batch of calibration data, got none; give more');
  return spans;
}

function finite({ name }: Value, number: number): number {
  if (Number.isFinite(number)) return number;
  throw new UserError(
    `value '${name}'`,
    `expected finite numbers on the calibration data, got ${number}; check the data and how it is scaled`,
  );
}

/** Of the histogram that percentiles are read off. */
const bins = 4096;
/** Numbers that are taken out of the runtime in one run. */
const mostAtOnce = 2 ** 24;

async function clippedSpans(
  graph: Graph,
  spans: ReadonlyMap<Value, Span>,
  share: number,
  batches: Batches,
  signal: AbortSignal,
  options: CompileOptions,
): Promise<Map<Value, Span>> {
  const clipped = new Map<Value, Span>();
  for (const group of groupsOf(spans)) {
    const counts = new Map(group.map((value) => [value, new Float64Array(bins)]));
    const tapped = tap({ ...graph, outputs: [] }, group);
    await withProgram(tapped, options, async (program) => {
      for (const batch of batches) {
        signal.throwIfAborted();
        const results = await program.run(feedsFor(program.inputs, batch));
        for (const value of group)
          count(dataOf(results.get(value)!) as Float32Array, spans.get(value)!, counts.get(value)!);
      }
    });
    for (const value of group) clipped.set(value, within(spans.get(value)!, counts.get(value)!, share));
  }
  return clipped;
}

function groupsOf(spans: ReadonlyMap<Value, Span>): Value[][] {
  const groups: Value[][] = [];
  let room = 0;
  for (const [value, { count }] of spans) {
    if (room < count) {
      groups.push([]);
      room = mostAtOnce;
    }
    groups.at(-1)!.push(value);
    room -= count;
  }
  return groups;
}

function count(numbers: Float32Array, { low, high }: Range, counts: Float64Array): void {
  const perUnit = high > low ? bins / (high - low) : 0;
  for (let i = 0; i < numbers.length; i++) counts[Math.min(bins - 1, Math.floor((numbers[i]! - low) * perUnit))]!++;
}

/** The edges of the bins between which `share` of all counts lies; a side that ends at zero (behind Relu) has no tail. */
function within(span: Span, counts: Float64Array, share: number): Span {
  const total = counts.reduce((sum, each) => sum + each, 0);
  const sides = [span.low < 0, span.high > 0].filter(Boolean).length;
  const tail = (total * (1 - share)) / Math.max(1, sides);
  const width = (span.high - span.low) / bins;
  let [first, last] = [0, bins];
  for (let left = tail; first < bins && counts[first]! <= left; first++) left -= counts[first]!;
  for (let left = tail; last > first && counts[last - 1]! <= left; last--) left -= counts[last - 1]!;
  return {
    ...span,
    low: span.low < 0 ? span.low + first * width : span.low,
    high: span.high > 0 ? span.low + last * width : span.high,
  };
}
