/** Singular values alone, of matrices in this process: quicker than the decomposition, and to fewer digits. */
import type { FloatArray } from './linalg.js';

/**
 * In no order, to about 1e-8 of the largest: roots of the eigenvalues of the product with itself over the shorter side, by Householder's
 * reflections to three diagonals and the QL method with implicit shifts; Golub, Van Loan, Matrix computations (2013), 8.3.
 */
export function singularValues(a: FloatArray, rows: number, columns: number): Float64Array {
  const count = Math.min(rows, columns);
  const { diagonal, beside } = threeDiagonals(gram(a, rows, columns), count);
  eigenvalues(diagonal, beside);
  return diagonal.map((value) => Math.sqrt(Math.max(0, value)));
}

function gram(a: FloatArray, rows: number, columns: number): Float64Array {
  const isTall = rows > columns;
  const [count, length] = isTall ? [columns, rows] : [rows, columns];
  const [line, step] = isTall ? [1, columns] : [columns, 1];
  const product = new Float64Array(count * count);
  for (let p = 0; p < count; p++)
    for (let q = 0; q <= p; q++) {
      let sum = 0;
      for (let i = 0; i < length; i++) sum += (a[p * line + i * step] as number) * (a[q * line + i * step] as number);
      product[p * count + q] = product[q * count + p] = sum;
    }
  return product;
}

/** A similar matrix with entries on and beside the diagonal only; `m` is used up. */
function threeDiagonals(m: Float64Array, n: number) {
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    // v reflects column k below the diagonal onto its first entry
    let square = 0;
    for (let i = k + 1; i < n; i++) square += m[i * n + k]! ** 2;
    const head = m[(k + 1) * n + k]!;
    const norm = head > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    beside[k] = norm;
    const half = square - head * norm;
    if (half > 0) {
      m[(k + 1) * n + k] = head - norm;
      // with p = M v / half and w = p - (p v / 2 half) v, the reflected matrix is M - v wᵀ - w vᵀ
      let along = 0;
      for (let i = k + 1; i < n; i++) {
        let sum = 0;
        for (let j = k + 1; j < n; j++) sum += m[i * n + j]! * m[j * n + k]!;
        w[i] = sum / half;
        along += w[i]! * m[i * n + k]!;
      }
      const share = along / (2 * half);
      for (let i = k + 1; i < n; i++) w[i] = w[i]! - share * m[i * n + k]!;
      for (let i = k + 1; i < n; i++) {
        const [v, own] = [m[i * n + k]!, w[i]!];
        for (let j = k + 1; j < n; j++) m[i * n + j] = m[i * n + j]! - v * w[j]! - own * m[j * n + k]!;
      }
    }
    diagonal[k] = m[k * n + k]!;
  }
  if (n > 0) diagonal[n - 1] = m[n * n - 1]!;
  return { diagonal, beside };
}

/** Turns the diagonal into eigenvalues, in place, until what is beside it vanishes. */
function eigenvalues(d: Float64Array, e: Float64Array): void {
  const n = d.length;
  for (let first = 0; first < n; first++) {
    for (let round = 0; round < 60; round++) {
      let last = first;
      while (last < n - 1 && Math.abs(e[last]!) > 1e-15 * (Math.abs(d[last]!) + Math.abs(d[last + 1]!))) last++;
      if (last === first) break;
      // Wilkinson's shift: the eigenvalue of the leading pair that is nearer to its first
      const gap = (d[first + 1]! - d[first]!) / (2 * e[first]!);
      const root = Math.hypot(gap, 1);
      let bulge = d[last]! - d[first]! + e[first]! / (gap + (gap >= 0 ? root : -root));
      let [sine, cosine, carried] = [1, 1, 0];
      let i = last - 1;
      for (; i >= first; i--) {
        const f = sine * e[i]!;
        const b = cosine * e[i]!;
        const r = Math.hypot(f, bulge);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] = d[i + 1]! - carried;
          e[last] = 0;
          break;
        }
        sine = f / r;
        cosine = bulge / r;
        const lifted = d[i + 1]! - carried;
        const turned = (d[i]! - lifted) * sine + 2 * cosine * b;
        carried = sine * turned;
        d[i + 1] = lifted + carried;
        bulge = cosine * turned - b;
      }
      if (i >= first) continue;
      d[first] = d[first]! - carried;
      e[first] = bulge;
      e[last] = 0;
    }
  }
}
