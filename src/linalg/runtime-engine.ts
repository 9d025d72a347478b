/** Products by the runtime: one small program per form, for any sizes, compiled when first asked for. */
import { UserError } from '../errors.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { Builder } from '../ops/builder.js';
import { type CompileOptions, compile, type Program } from '../runtime/program.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';
import { type Engine, type Product, plainProduct } from './engine.js';
import type { FloatArray } from './linalg.js';

export interface RuntimeEngine {
  readonly run: Engine;
  release(): Promise<void>;
  readonly secondsInRuntime: number;
}

/** Below this many multiplications, plain loops take less time than a run costs. */
const worthARun = 20_000;

export function runtimeEngine(options: CompileOptions): RuntimeEngine {
  const programs = new Map<string, Promise<ProductProgram>>();
  let milliseconds = 0;
  let released = false;

  const programFor = (product: Product<FloatArray>): Promise<ProductProgram> => {
    const form = formOf(product);
    const key = JSON.stringify(form);
    if (released) throw new UserError('linalg', 'its sessions were released; create it again');
    const known = programs.get(key);
    if (known) return known;
    const made = compileForm(form, options);
    programs.set(key, made);
    return made;
  };

  return {
    async run(product) {
      const { m, k, n, left } = product;
      if ((k + (left ? m : 0)) * m * n < worthARun) return plainProduct(product);
      const { program, operands } = await programFor(product);
      const feeds = new Map(operands.map(([value, read]) => [value, read(product)]));
      const start = performance.now();
      const results = await program.run(feeds);
      milliseconds += performance.now() - start;
      return dataOf(results.get(program.outputs[0] as Value) as Tensor) as typeof product.a;
    },
    async release() {
      released = true;
      const open = await Promise.allSettled(programs.values());
      programs.clear();
      for (const made of open) if (made.status === 'fulfilled') await made.value.program.release();
    },
    get secondsInRuntime() {
      return milliseconds / 1000;
    },
  };
}

/** What the graph depends on; everything else is data. */
interface Form {
  readonly dtype: 'float32' | 'float64';
  readonly transA: boolean;
  readonly transB: boolean;
  readonly sign: 1 | -1;
  readonly hasC: boolean;
  readonly hasLeft: boolean;
}

interface ProductProgram {
  readonly program: Program;
  /** Each input with the way to its tensor. */
  readonly operands: readonly (readonly [Value, (product: Product<FloatArray>) => Tensor])[];
}

const formOf = ({ a, c, left, sign = 1, transA = false, transB = false }: Product<FloatArray>): Form => ({
  dtype: a instanceof Float64Array ? 'float64' : 'float32',
  transA,
  transB,
  sign,
  hasC: c !== undefined,
  hasLeft: left !== undefined,
});

async function compileForm(form: Form, options: CompileOptions): Promise<ProductProgram> {
  const { dtype, transA, transB, sign, hasC, hasLeft } = form;
  const g = new Builder();
  const operands: [Value, (product: Product<FloatArray>) => Tensor][] = [];
  const input = (name: keyof Product<FloatArray> & ('a' | 'b' | 'c' | 'left'), rows: Size, columns: Size): Value => {
    const type: TensorType = { dtype, shape: [rows, columns] };
    const value = g.value(name, type);
    operands.push([value, (product) => tensor(dtype, [product[rows], product[columns]], product[name] as FloatArray)]);
    return value;
  };

  const a = transA ? input('a', 'k', 'm') : input('a', 'm', 'k');
  const b = transB ? input('b', 'n', 'k') : input('b', 'k', 'n');
  const c = hasC ? input('c', 'm', 'n') : null;
  const sum = g.op('Gemm', c ? [a, b, c] : [a, b], {
    transA: transA ? 1 : 0,
    transB: transB ? 1 : 0,
    alpha: { kind: 'float', value: sign },
  });
  const result = hasLeft ? g.matmul(input('left', 'm', 'm'), sum) : sum;

  const graph: Graph = {
    name: 'product',
    inputs: operands.map(([value]) => value),
    outputs: [result],
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([['', 21]]),
    functions: [],
  };
  return { program: await compile(graph, options), operands };
}

type Size = 'm' | 'k' | 'n';
