/** cosinesOf: how much alike what goes past blocks and what comes out of them are, seen over calibration samples. */
import type { Branch } from '../../depth/branches.js';
import type { Graph, Node, Value } from '../../ir/types.js';
import { type Builder, builderFor } from '../../ops/builder.js';
import { type CompileOptions, withProgram } from '../../runtime/program.js';
import { dataOf, type Tensor } from '../../tensor/tensor.js';

export interface RunOptions extends CompileOptions {
  readonly signal: AbortSignal;
  readonly onBatch?: (done: number) => void;
}

/**
 * Vectors are those of one token, or of all channels at one position of a picture or series.
 * @param batches feeds of the graph, of whatever sizes. @returns by block, the mean over all vectors.
 */
export async function cosinesOf(
  graph: Graph,
  blocks: readonly (readonly Branch[])[],
  batches: Iterable<ReadonlyMap<Value, Tensor>>,
  { signal, onBatch, ...options }: RunOptions,
): Promise<Float64Array> {
  const g = builderFor(graph, 'cosines');
  const seen = blocks.map((branches) => emit(g, branches));
  const observed = g.appendTo(
    { ...graph, outputs: [] },
    seen.flatMap(({ sum, count }) => [sum, count]),
  );
  const [sums, counts] = [new Float64Array(blocks.length), new Float64Array(blocks.length)];
  await withProgram(observed, options, async (program) => {
    let done = 0;
    for (const batch of batches) {
      signal.throwIfAborted();
      const results = await program.run(batch);
      for (const [block, { sum, count }] of seen.entries()) {
        sums[block]! += Number(dataOf(results.get(sum)!)[0]);
        counts[block]! += Number(dataOf(results.get(count)!)[0]);
      }
      onBatch?.(++done);
    }
  });
  return sums.map((sum, block) => sum / counts[block]!);
}

/** Keeps two zero vectors, which are alike, from being no number. */
const least = 1e-12;

function emit(g: Builder, branches: readonly Branch[]) {
  const [into, out] = [branches[0]!.past, branches.at(-1)!.sum];
  const axis = branches[0]!.nodes.some(isConvolution) ? 1 : -1;
  const norm = (x: Value): Value => g.op('Max', [g.op('Sqrt', [along(g, g.mul(x, x), axis)]), g.scalar(least)]);
  const cosine = g.op('Div', [along(g, g.mul(into, out), axis), g.mul(norm(into), norm(out))]);
  return {
    sum: g.op('ReduceSum', [g.op('Cast', [cosine], { to: 11 })], { keepdims: 0 }),
    count: g.op('Size', [cosine]),
  };
}

const along = (g: Builder, x: Value, axis: number): Value => g.reduceSum(x, [axis]);

/** Channels of pictures and series come second. */
const isConvolution = ({ op }: Node): boolean => /Conv/.test(op);
