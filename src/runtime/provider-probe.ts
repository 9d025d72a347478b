/** A small matrix product, run to see whether a provider starts, agrees and is fast. */
import type { Graph } from '../ir/types.js';
import { Builder } from '../ops/builder.js';
import { loadOrt } from './ort.js';
import { runtimeError } from './runtime-error.js';
import { openSession, type SessionSettings } from './session.js';

export interface ProductMeasure {
  readonly product: Float32Array;
  /** The best of a few runs after a first one, transfers included. */
  readonly milliseconds: number;
}

const SIZE = 512;
const RUNS = 3;

/** A graph with inputs `a` and `b` that multiplies [size, size] matrices. */
export function probeGraph(size: number): Graph {
  const g = new Builder();
  const [a, b] = ['a', 'b'].map((name) => ({ name, type: { dtype: 'float32', shape: [size, size] } as const }));
  const product = g.matmul(a!, b!);
  const empty: Graph = {
    name: 'probe',
    inputs: [a!, b!],
    outputs: [],
    nodes: [],
    initializers: new Map(),
    opsets: new Map([['', 21]]),
    functions: [],
  };
  return g.appendTo(empty, [product]);
}

/** Multiplies two fixed matrices with entries of about 1 / sqrt(512), so that the product is of order one at most. */
export async function measureProduct(settings: SessionSettings): Promise<ProductMeasure> {
  const ort = await loadOrt();
  const graph = probeGraph(SIZE);
  const session = await openSession(graph, settings);
  try {
    const feeds = {
      a: new ort.Tensor('float32', wave(0.37), [SIZE, SIZE]),
      b: new ort.Tensor('float32', wave(0.73), [SIZE, SIZE]),
    };
    // the first run compiles shaders and allocates
    let results = await session.run(feeds);
    let milliseconds = Number.POSITIVE_INFINITY;
    for (let i = 0; i < RUNS; i++) {
      const start = performance.now();
      results = await session.run(feeds);
      milliseconds = Math.min(milliseconds, performance.now() - start);
    }
    return { product: results[graph.outputs[0]!.name]!.data as Float32Array, milliseconds };
  } catch (error) {
    throw runtimeError(error);
  } finally {
    await session.release();
  }
}

const wave = (frequency: number): Float32Array =>
  Float32Array.from({ length: SIZE * SIZE }, (_, i) => Math.sin(frequency * i) / Math.sqrt(SIZE));
