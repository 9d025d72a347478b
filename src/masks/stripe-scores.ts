/** stripeScores: what n:m would keep of columns in an order, and with any one of them in another's place. */

/** How many of every m consecutive columns stay. */
export interface Keeping {
  readonly n: number;
  readonly m: number;
}

/** Scores column by column: [units, rows], none below zero. */
export interface Columns {
  readonly units: number;
  readonly rows: number;
  readonly scores: Float32Array;
}

export interface StripeScores {
  /** By position, the unit that stands there. */
  readonly order: Int32Array;
  /** The stripe of a position. Behind the last whole stripe, where everything stays, each is one of its own. */
  stripeOf(position: number): number;
  /** Puts into `made`, for each of these units, what its stripe keeps of all rows when it stands at `position` in place of the one there. */
  fill(position: number, units: ArrayLike<number>, made: Float64Array): void;
  /** What is kept of all stripes. */
  total(): number;
}

/**
 * In a stripe of which n stay, a unit with the score x in a row adds to what the n - 1 largest others keep whichever is larger: x, or the
 * n-th largest of the others, t. Over all rows, Σ max(t, x) is (Σ t + Σ x + Σ |t - x|) / 2, without a branch for each element.
 */
export function stripeScores({ units, rows, scores }: Columns, { n, m }: Keeping): StripeScores {
  const whole = units - (units % m);
  const order = Int32Array.from({ length: units }, (_, at) => at);
  const sums = columnSums(scores, units, rows);
  const thresholds = new Float32Array(rows);
  const largest = new Float32Array(n);

  /** The n-th largest of the others in each row, into `thresholds`. @returns the sums of those above them, and of those themselves. */
  const lookAtOthers = (position: number): { above: number; atThreshold: number } => {
    if (position >= whole) {
      thresholds.fill(0);
      return { above: 0, atThreshold: 0 };
    }
    const first = position - (position % m);
    const others: number[] = [];
    for (let at = first; at < first + m; at++) if (at !== position) others.push(order[at]! * rows);
    let [above, atThreshold] = [0, 0];
    for (let row = 0; row < rows; row++) {
      largest.fill(0);
      for (const start of others) insert(largest, scores[start + row]!);
      for (let k = 0; k < n - 1; k++) above += largest[k]!;
      const least = largest[n - 1]!;
      atThreshold += least;
      thresholds[row] = least;
    }
    return { above, atThreshold };
  };

  const fill: StripeScores['fill'] = (position, candidates, made) => {
    const { above, atThreshold } = lookAtOthers(position);
    for (let i = 0; i < candidates.length; i++) {
      const unit = candidates[i]!;
      made[i] = above + (atThreshold + sums[unit]! + distance(thresholds, scores, unit * rows)) / 2;
    }
  };

  return {
    order,
    stripeOf: (position) => (position < whole ? Math.floor(position / m) : position),
    fill,
    total() {
      const one = new Float64Array(1);
      let sum = 0;
      for (let position = 0; position < units; position += position < whole ? m : 1) {
        fill(position, [order[position]!], one);
        sum += one[0]!;
      }
      return sum;
    },
  };
}

function columnSums(scores: Float32Array, units: number, rows: number): Float64Array {
  const sums = new Float64Array(units);
  for (let unit = 0; unit < units; unit++) {
    let sum = 0;
    for (let i = unit * rows; i < (unit + 1) * rows; i++) sum += scores[i]!;
    sums[unit] = sum;
  }
  return sums;
}

/** Keeps a list of the largest in descending order. */
function insert(largest: Float32Array, score: number): void {
  let at = largest.length - 1;
  if (score <= largest[at]!) return;
  for (; at > 0 && largest[at - 1]! < score; at--) largest[at] = largest[at - 1]!;
  largest[at] = score;
}

/** Σ |a - b|, of b from `start` on. */
function distance(a: Float32Array, b: Float32Array, start: number): number {
  let [even, odd] = [0, 0];
  const pairs = a.length - (a.length % 2);
  for (let i = 0; i < pairs; i += 2) {
    even += Math.abs(a[i]! - b[start + i]!);
    odd += Math.abs(a[i + 1]! - b[start + i + 1]!);
  }
  if (pairs < a.length) even += Math.abs(a[pairs]! - b[start + pairs]!);
  return even + odd;
}
