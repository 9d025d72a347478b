/** nuclear: the sum of the singular values of matrices. */
import { UserError } from '../../errors.js';
import { svd } from '../../linalg/jacobi-svd.js';
import { type Box, clip, each, type Penalty, type StepSize } from './penalty.js';

/** Of the box's multipliers between two iterations, relative to the matrix. */
const tolerance = 1e-9;
const iterations = 5000;

/**
 * The nuclear norm of [rows, columns], summed over the matrices that follow each other, such as an image's channels. Its prox lowers
 * the singular values: Cai, Candès, Shen, A singular value thresholding algorithm for matrix completion (arXiv 0810.3286).
 * With a box it is iterated; steps may differ between matrices and not within one.
 */
export function nuclear(rows: number, columns: number): Penalty {
  const size = rows * columns;
  return {
    name: 'nuclear',
    value(x) {
      let sum = 0;
      for (let at = 0; at < x.length; at += size) {
        for (const s of svd(x.subarray(at, at + size), rows, columns).s) sum += s;
      }
      return sum;
    },
    prox(z, step, box, out = new Float32Array(z.length)) {
      const lowered = (m: Float64Array, t: number): Float64Array => lower(m, t, rows, columns);
      for (let at = 0; at < z.length; at += size) {
        const m = Float64Array.from(z.subarray(at, at + size));
        const t = stepOf(step, at, size);
        out.set(box ? inBox(m, (x) => lowered(x, t), box, at) : lowered(m, t), at);
      }
      return out;
    },
  };
}

function lower(m: Float64Array, t: number, rows: number, columns: number): Float64Array {
  // a product with itself loses digits, and nothing is to be lowered
  if (t === 0) return m;
  const { count, s, u, v } = svd(m, rows, columns);
  const result = new Float64Array(rows * columns);
  for (let k = 0; k < count && !((s[k] as number) <= t); k++) {
    for (let i = 0; i < rows; i++) {
      const scale = ((s[k] as number) - t) * (u[k * rows + i] as number);
      for (let j = 0; j < columns; j++) result[i * columns + j]! += scale * (v[k * columns + j] as number);
    }
  }
  return result;
}

/**
 * Least within a box: accelerated ascent on the box's multipliers u, whose gradient is prox(z - u), restarted when it turns back:
 * O'Donoghue and Candès, Adaptive restart for accelerated gradient schemes (arXiv 1204.3982).
 */
function inBox(z: Float64Array, prox: (x: Float64Array) => Float64Array, box: Box, at: number): Float64Array {
  const within = (p: number, i: number): number => clip(p, each(box.lower, at + i), each(box.upper, at + i));
  const enough = tolerance * Math.sqrt(z.reduce((sum, x) => sum + x * x, 0) || 1);
  let u = new Float64Array(z.length);
  let ahead = u;
  let momentum = 1;
  for (let iteration = 0; iteration < iterations; iteration++) {
    const p = prox(z.map((x, i) => x - (ahead[i] as number)));
    const next = ahead.map((value, i) => value + (p[i] as number) - within(value + (p[i] as number), i));
    const away = next.map((value, i) => value - (ahead[i] as number));
    const gone = next.map((value, i) => value - (u[i] as number));
    if (!(Math.sqrt(inner(away, away)) > enough)) return p.map(within);
    const before = inner(away, gone) < 0 ? 1 : momentum;
    momentum = (1 + Math.sqrt(1 + 4 * before * before)) / 2;
    ahead = next.map((value, i) => value + ((before - 1) / momentum) * (gone[i] as number));
    u = next;
  }
  return prox(z.map((x, i) => x - (u[i] as number))).map(within);
}

const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

function stepOf(step: StepSize, at: number, size: number): number {
  if (typeof step === 'number') return step;
  const first = step[at] as number;
  if (step.subarray(at, at + size).some((t) => t !== first)) {
    throw new UserError('nuclear', 'expected one step for all elements of a matrix, got several');
  }
  return first;
}
