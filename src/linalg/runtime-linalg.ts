/** Linear algebra whose large products are run by the runtime. */
import { UserError } from '../errors.js';
import type { CompileOptions } from '../runtime/program.js';
import { cholesky, inverseFactor } from './factors.js';
import type { FloatArray, Linalg, ProductShape } from './linalg.js';
import { runtimeEngine } from './runtime-engine.js';
import { solveTriangular, triangularInverse } from './triangular.js';

/**
 * Linear algebra with sessions of its own: release it. Arguments are never changed, and matrices that do not have the
 * elements their sizes ask for are a UserError.
 *
 * ```ts
 * const linalg = await createLinalg({ threads: 2 });
 * const u = await linalg.inverseFactor(gram, n); // gram⁻¹ = uᵀ u
 * await linalg.release();
 * ```
 */
export async function createLinalg(options: CompileOptions = {}): Promise<Linalg> {
  const engine = runtimeEngine(options);
  const { run } = engine;
  return {
    async matmul(a, b, shape) {
      checkProduct('matmul', a, b, shape);
      return run({ ...shape, a, b });
    },
    async addProduct(c, sign, a, b, shape) {
      checkProduct('addProduct', a, b, shape);
      check('addProduct', c, shape.m, shape.n);
      return run({ ...shape, a, b, c, sign });
    },
    async cholesky(a, n) {
      check('cholesky', a, n, n);
      return cholesky(run, a, n);
    },
    async inverseFactor(a, n) {
      check('inverseFactor', a, n, n);
      return inverseFactor(run, a, n);
    },
    async triangularInverse(u, n) {
      check('triangularInverse', u, n, n);
      return triangularInverse(run, u, n);
    },
    async solveTriangular(u, n, b, columns, transposed = false) {
      check('solveTriangular', u, n, n);
      check('solveTriangular', b, n, columns);
      return solveTriangular(run, u, n, b, columns, transposed);
    },
    async solve(a, n, b, columns) {
      check('solve', a, n, n);
      check('solve', b, n, columns);
      const u = await cholesky(run, a, n);
      return solveTriangular(run, u, n, await solveTriangular(run, u, n, b, columns, true), columns, false);
    },
    release: () => engine.release(),
    get secondsInRuntime() {
      return engine.secondsInRuntime;
    },
  };
}

function checkProduct(where: string, a: FloatArray, b: FloatArray, { m, k, n }: ProductShape): void {
  check(where, a, m, k);
  check(where, b, k, n);
}

function check(where: string, values: FloatArray, rows: number, columns: number): void {
  if (values.length !== rows * columns) {
    throw new UserError(
      where,
      `expected ${rows * columns} elements for a [${rows}, ${columns}] matrix, got ${values.length}`,
    );
  }
}
