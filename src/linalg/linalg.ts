/** What the rest of the project sees of linear algebra. Matrices are row-major; factors are upper triangular with zeros below. */

export type FloatArray = Float32Array | Float64Array;

export interface ProductShape {
  /** Rows of op(a). */
  readonly m: number;
  /** Columns of op(a), rows of op(b). */
  readonly k: number;
  /** Columns of op(b). */
  readonly n: number;
  /** `a` lies as [k, m]. */
  readonly transA?: boolean;
  /** `b` lies as [n, k]. */
  readonly transB?: boolean;
}

export interface Linalg {
  /** op(a) op(b), [m, n]; no argument is copied or changed. */
  matmul<T extends FloatArray>(a: T, b: T, shape: ProductShape): Promise<T>;
  /** c + sign · op(a) op(b), [m, n], as a new array. */
  addProduct<T extends FloatArray>(c: T, sign: 1 | -1, a: T, b: T, shape: ProductShape): Promise<T>;
  /**
   * U with a = Uᵀ U, for symmetric positive definite `a` of [n, n].
   * @throws NotPositiveDefinite
   */
  cholesky<T extends FloatArray>(a: T, n: number): Promise<T>;
  /**
   * U with a⁻¹ = Uᵀ U, without forming a⁻¹. Row i from entry i on, over that entry, is how the later unknowns make up
   * for fixing unknown i once all before it are fixed.
   * @throws NotPositiveDefinite
   */
  inverseFactor<T extends FloatArray>(a: T, n: number): Promise<T>;
  /** U⁻¹ of an upper triangular U of [n, n]; upper triangular again. */
  triangularInverse<T extends FloatArray>(u: T, n: number): Promise<T>;
  /** X with U X = b, or Uᵀ X = b when `transposed`, for an upper triangular U of [n, n] and b of [n, columns]. */
  solveTriangular<T extends FloatArray>(u: T, n: number, b: T, columns: number, transposed?: boolean): Promise<T>;
  /**
   * X with a X = b for symmetric positive definite `a` of [n, n] and b of [n, columns].
   * @throws NotPositiveDefinite
   */
  solve<T extends FloatArray>(a: T, n: number, b: T, columns: number): Promise<T>;
  /** Frees the runtime's sessions; may be called again. */
  release(): Promise<void>;
  /** Wall time spent in the runtime so far. */
  readonly secondsInRuntime: number;
}

/** The matrix has no Cholesky factor. Callers add damping to its diagonal and try again. */
export class NotPositiveDefinite extends Error {
  override readonly name = 'NotPositiveDefinite';

  constructor(
    /** The row at which elimination stopped. */
    readonly pivot: number,
    /** What stood there instead of a positive number; not a number where the matrix holds one that is not. */
    readonly found: number,
  ) {
    super(`matrix: expected a positive pivot in row ${pivot}, got ${found}; add damping to the diagonal`);
  }
}
