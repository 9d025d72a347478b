/** Systems that differ in their unknowns only: one symmetric matrix, and for each row the unknowns that may move. */
import { heed } from '../heed.js';
import { factorBlock } from '../linalg/diagonal.js';
import type { Linalg } from '../linalg/linalg.js';

export interface Systems {
  /** Symmetric positive definite, [n, n]. */
  readonly matrix: Float64Array;
  readonly n: number;
  /** One right side a row, [rows, n]. */
  readonly right: Float64Array;
  readonly rows: number;
  /** 1 where an unknown may move, [rows, n]. */
  readonly support: Uint8Array;
}

export interface SolveOptions {
  readonly linalg: Linalg;
  /** Looked at between supports. */
  readonly signal?: AbortSignal;
  onRows?(done: number): void;
}

/**
 * For each row the x with (matrix x)_S = right_S and zeros outside of its support S, [rows, n].
 *
 * Rows that share a support share a factor. Where the support is larger than its complement P, and enough rows are so, the system is
 * solved by way of the whole inverse H, which all rows share: with x = H right_S, what solves it is x - H_:P (H_PP)⁻¹ x_P.
 * @throws NotPositiveDefinite
 */
export async function solveOnSupports(systems: Systems, options: SolveOptions): Promise<Float64Array> {
  const { n, rows } = systems;
  const groups = groupsOf(systems);
  const inverse = paysInverse(groups, n) ? await inverseOf(systems.matrix, n, options.linalg) : undefined;
  const found = new Float64Array(rows * n);
  let done = 0;
  for (const group of groups) {
    await heed(options.signal);
    if (inverse && group.fixed.length < group.free.length)
      await solveByComplement(systems, group, inverse, found, options.linalg);
    else if (group.free.length > 0) await solveDirectly(systems, group, found, options.linalg);
    done += group.rows.length;
    options.onRows?.(done);
  }
  return found;
}

/** Rows with one support. */
interface Group {
  readonly rows: number[];
  readonly free: Uint32Array;
  readonly fixed: Uint32Array;
}

function groupsOf({ support, n, rows }: Systems): Group[] {
  const groups = new Map<string, Group>();
  for (let row = 0; row < rows; row++) {
    const own = support.subarray(row * n, (row + 1) * n);
    const key = Buffer.from(own.buffer, own.byteOffset, n).toString('latin1');
    const known = groups.get(key);
    if (known) known.rows.push(row);
    else groups.set(key, { rows: [row], free: indices(own, 1), fixed: indices(own, 0) });
  }
  return [...groups.values()];
}

const indices = (support: Uint8Array, value: number): Uint32Array =>
  Uint32Array.from(support.keys()).filter((i) => support[i] === value);

/** The inverse takes about three factorisations of the whole. */
function paysInverse(groups: readonly Group[], n: number): boolean {
  const saved = groups.map(({ free, fixed }) => Math.max(0, free.length ** 3 - fixed.length ** 3));
  return saved.reduce((a, b) => a + b, 0) > 3 * n ** 3;
}

async function inverseOf(matrix: Float64Array, n: number, linalg: Linalg): Promise<Float64Array> {
  const factor = await linalg.inverseFactor(matrix, n);
  return linalg.matmul(factor, factor, { m: n, k: n, n, transA: true });
}

async function solveDirectly(systems: Systems, group: Group, found: Float64Array, linalg: Linalg): Promise<void> {
  const { matrix, n, right } = systems;
  const { rows, free } = group;
  const solved = await solve(
    part(matrix, n, free, free),
    free.length,
    gathered(right, n, rows, free),
    rows.length,
    linalg,
  );
  rows.forEach((row, r) => {
    free.forEach((column, i) => {
      found[row * n + column] = solved[i * rows.length + r]!;
    });
  });
}

async function solveByComplement(
  { n, right }: Systems,
  { rows, free, fixed }: Group,
  inverse: Float64Array,
  found: Float64Array,
  linalg: Linalg,
): Promise<void> {
  const count = rows.length;
  const own = gathered(right, n, rows, free);
  const whole = async (columns: Uint32Array, values: Float64Array) =>
    linalg.matmul(part(inverse, n, indexed(n), columns), values, { m: n, k: columns.length, n: count });
  const open = await whole(free, own);
  const atFixed = new Float64Array(fixed.length * count);
  fixed.forEach((at, i) => {
    atFixed.set(open.subarray(at * count, (at + 1) * count), i * count);
  });
  const undone =
    fixed.length === 0
      ? undefined
      : await whole(fixed, await solve(part(inverse, n, fixed, fixed), fixed.length, atFixed, count, linalg));
  rows.forEach((row, r) => {
    for (const at of free) found[row * n + at] = open[at * count + r]! - (undone?.[at * count + r] ?? 0);
  });
}

const indexed = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);

/** Some rows and columns of a matrix. */
function part(matrix: Float64Array, n: number, rows: Uint32Array, columns: Uint32Array): Float64Array {
  const cut = new Float64Array(rows.length * columns.length);
  for (let i = 0, at = 0; i < rows.length; i++) {
    const from = rows[i]! * n;
    for (let j = 0; j < columns.length; j++, at++) cut[at] = matrix[from + columns[j]!]!;
  }
  return cut;
}

/** Right sides as columns: [free, rows]. */
function gathered(right: Float64Array, n: number, rows: readonly number[], free: Uint32Array): Float64Array {
  const cut = new Float64Array(free.length * rows.length);
  for (let i = 0, at = 0; i < free.length; i++) for (const row of rows) cut[at++] = right[row * n + free[i]!]!;
  return cut;
}

/** Up to this size a plain factorisation takes less time than the runtime's calls. */
const plainSize = 128;

async function solve(
  a: Float64Array,
  n: number,
  b: Float64Array,
  columns: number,
  linalg: Linalg,
): Promise<Float64Array> {
  if (n > plainSize || columns > n) return linalg.solve(a, n, b, columns);
  const U = factorBlock(a, n);
  // Uᵀ y = b, then U x = y, in place
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtractRow(b, i, k, columns, U[k * n + i]!);
    divideRow(b, i, columns, U[i * n + i]!);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtractRow(b, i, k, columns, U[i * n + k]!);
    divideRow(b, i, columns, U[i * n + i]!);
  }
  return b;
}

function subtractRow(b: Float64Array, target: number, source: number, columns: number, factor: number): void {
  for (let c = 0; c < columns; c++) b[target * columns + c]! -= factor * b[source * columns + c]!;
}

function divideRow(b: Float64Array, row: number, columns: number, by: number): void {
  for (let c = row * columns; c < (row + 1) * columns; c++) b[c]! /= by;
}
