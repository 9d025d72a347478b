/** Singular values of small matrices, in this process: no products on the runtime. */
import type { FloatArray } from './linalg.js';

/** A = sum of s_k u_k v_kᵀ over k below `count`, the smaller of the sizes; singular values fall. */
export interface Svd {
  readonly count: number;
  readonly s: Float64Array;
  /** [count, rows]: a left vector a row; zeros where the singular value is 0 and the matrix has more rows than columns. */
  readonly u: Float64Array;
  /** [count, columns]: a right vector a row; zeros where the singular value is 0 and the matrix hasn't more rows than columns. */
  readonly v: Float64Array;
}

const sweeps = 60;
const precision = 1e-15;

/** One-sided Jacobi: Hestenes, Inversion of matrices by biorthogonalization (1958). `a` is [rows, columns] and left as it was. */
export function svd(a: FloatArray, rows: number, columns: number): Svd {
  const tall = rows > columns;
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  // the vectors along the shorter side are turned until they are orthogonal; `turned` keeps the rotations
  const vectors = new Float64Array(count * length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) vectors[tall ? j * length + i : i * length + j] = a[i * columns + j] as number;
  }
  const turned = new Float64Array(count * count);
  for (let k = 0; k < count; k++) turned[k * count + k] = 1;
  for (let sweep = 0; sweep < sweeps; sweep++) if (!turnAll(vectors, length, turned, count)) break;

  const norms = Float64Array.from({ length: count }, (_, k) => Math.sqrt(dot(vectors, k, k, length)));
  const order = Array.from(norms.keys()).sort((p, q) => (norms[q] as number) - (norms[p] as number));
  const s = Float64Array.from(order, (k) => norms[k] as number);
  const long = new Float64Array(count * length);
  const short = new Float64Array(count * count);
  order.forEach((from, k) => {
    const norm = s[k] as number;
    if (norm !== 0)
      for (let i = 0; i < length; i++) long[k * length + i] = (vectors[from * length + i] as number) / norm;
    short.set(turned.subarray(from * count, (from + 1) * count), k * count);
  });
  return { count, s, u: tall ? long : short, v: tall ? short : long };
}

/** One sweep over all pairs; whether any had to be turned. */
function turnAll(vectors: Float64Array, length: number, turned: Float64Array, count: number): boolean {
  let moved = false;
  for (let p = 0; p < count; p++) {
    for (let q = p + 1; q < count; q++) {
      const pp = dot(vectors, p, p, length);
      const qq = dot(vectors, q, q, length);
      const pq = dot(vectors, p, q, length);
      if (!(Math.abs(pq) > precision * Math.sqrt(pp) * Math.sqrt(qq))) continue;
      moved = true;
      const zeta = (qq - pp) / (2 * pq);
      const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
      const cosine = 1 / Math.sqrt(1 + tangent * tangent);
      turn(vectors, p * length, q * length, length, cosine, cosine * tangent);
      turn(turned, p * count, q * count, count, cosine, cosine * tangent);
    }
  }
  return moved;
}

function dot(m: Float64Array, p: number, q: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (m[p * length + i] as number) * (m[q * length + i] as number);
  return sum;
}

function turn(m: Float64Array, p: number, q: number, length: number, cosine: number, sine: number): void {
  for (let i = 0; i < length; i++) {
    const a = m[p + i] as number;
    const b = m[q + i] as number;
    m[p + i] = cosine * a - sine * b;
    m[q + i] = sine * a + cosine * b;
  }
}
