/** Eigenvalues and eigenvectors of symmetric matrices, in this process. */

export interface SymmetricEigen {
  /** Falling. */
  readonly values: Float64Array;
  /** [n, n]: the vector of a value a row, orthonormal. */
  readonly vectors: Float64Array;
}

/**
 * Householder's reflections to three diagonals, then QR with implicit shifts whose rotations are applied to what the reflections
 * made; Golub, Van Loan, Matrix computations (2013), 8.3. About 5 n³ operations. `a` is [n, n], read as symmetric, and left as it was.
 */
export function symmetricEigen(a: Float64Array, n: number): SymmetricEigen {
  const { diagonal, beside, rows } = threeDiagonals(a.slice(), n);
  rotate(diagonal, beside, rows, n);
  const order = Array.from(diagonal.keys()).sort((p, q) => diagonal[q]! - diagonal[p]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    vectors.set(rows.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (k) => diagonal[k]!), vectors };
}

/** T with A = Qᵀ T Q; `rows` is Q, and `m` is used up: its rows keep the reflections, scaled to vᵀ v = 2. */
function threeDiagonals(m: Float64Array, n: number) {
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    diagonal[k] = m[k * n + k]!;
    const v = m.subarray(k * n, (k + 1) * n);
    beside[k] = reflector(v, k + 1, n);
    if (v[k + 1] === 0) continue;
    // with p = M v and w = p - (pᵀ v / 2) v, the reflected matrix is M - v wᵀ - w vᵀ
    let along = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      const row = i * n;
      for (let j = k + 1; j < n; j++) sum += m[row + j]! * v[j]!;
      w[i] = sum;
      along += sum * v[i]!;
    }
    for (let i = k + 1; i < n; i++) w[i]! -= (along / 2) * v[i]!;
    for (let i = k + 1; i < n; i++) {
      const [vi, wi] = [v[i]!, w[i]!];
      const row = i * n;
      for (let j = k + 1; j < n; j++) m[row + j]! -= vi * w[j]! + wi * v[j]!;
    }
  }
  if (n > 0) diagonal[n - 1] = m[n * n - 1]!;
  return { diagonal, beside, rows: reflections(m, n) };
}

/** Turns elements from `from` on into v, with vᵀ v = 2, whose reflection leaves only the first of them; returns that. v is 0 for none. */
function reflector(v: Float64Array, from: number, n: number): number {
  let largest = 0;
  for (let i = from; i < n; i++) largest = Math.max(largest, Math.abs(v[i]!));
  if (largest === 0) return 0;
  let square = 0;
  for (let i = from; i < n; i++) square += (v[i]! / largest) ** 2;
  const head = v[from]! / largest;
  const norm = head > 0 ? -Math.sqrt(square) : Math.sqrt(square);
  // (x - norm e)ᵀ (x - norm e) = 2 norm (norm - head)
  const scale = 1 / Math.sqrt(norm * (norm - head));
  for (let i = from; i < n; i++) v[i] = (v[i]! / largest) * scale;
  v[from]! -= norm * scale;
  return norm * largest;
}

/** The product of the reflections, last to first: row k of the result is column k of what turns the matrix. */
function reflections(m: Float64Array, n: number): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--) {
    const v = m.subarray(k * n, (k + 1) * n);
    for (let i = k + 1; i < n; i++) {
      const row = i * n;
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += q[row + j]! * v[j]!;
      for (let j = k + 1; j < n; j++) q[row + j]! -= sum * v[j]!;
    }
  }
  return q;
}

const precision = 2 ** -52;
const mostRounds = 60;

/** Diagonalises T by rotations from the end, which turn pairs of `rows`. */
function rotate(d: Float64Array, e: Float64Array, rows: Float64Array, n: number): void {
  for (let last = n - 1; last > 0; last--) {
    for (let round = 0; round < mostRounds; round++) {
      let first = last;
      while (first > 0 && Math.abs(e[first - 1]!) > precision * (Math.abs(d[first - 1]!) + Math.abs(d[first]!)))
        first--;
      if (first === last) break;
      chase(d, e, rows, n, first, last);
    }
  }
}

/** One step of QR on [first, last] with Wilkinson's shift: the bulge is chased from the top to the bottom. */
function chase(d: Float64Array, e: Float64Array, rows: Float64Array, n: number, first: number, last: number): void {
  const half = (d[last - 1]! - d[last]!) / 2;
  const off = e[last - 1]!;
  const root = Math.hypot(half, off);
  const shift = d[last]! - (off * off) / (half + (half >= 0 ? root : -root));
  let x = d[first]! - shift;
  let z = e[first]!;
  for (let k = first; k < last; k++) {
    const length = Math.hypot(x, z);
    const [c, s] = length === 0 ? [1, 0] : [x / length, z / length];
    if (k > first) e[k - 1] = length;
    const [p, q, b] = [d[k]!, d[k + 1]!, e[k]!];
    d[k] = c * c * p + 2 * c * s * b + s * s * q;
    d[k + 1] = s * s * p - 2 * c * s * b + c * c * q;
    e[k] = c * s * (q - p) + (c * c - s * s) * b;
    if (k < last - 1) {
      x = e[k]!;
      z = s * e[k + 1]!;
      e[k + 1]! *= c;
    }
    turn(rows, k * n, (k + 1) * n, n, c, s);
  }
}

function turn(rows: Float64Array, p: number, q: number, n: number, c: number, s: number): void {
  for (let i = 0; i < n; i++) {
    const [a, b] = [rows[p + i]!, rows[q + i]!];
    rows[p + i] = c * a + s * b;
    rows[q + i] = c * b - s * a;
  }
}
