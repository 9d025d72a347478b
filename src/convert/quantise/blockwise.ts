/** Matrices in blocks of few bits, packed as com.microsoft.MatMulNBits reads them. */

export interface BlockForm {
  readonly rows: number;
  readonly columns: number;
  readonly bits: 4 | 8;
  /** Consecutive columns that share a scale; a power of two of at least 16. */
  readonly block: number;
  readonly isSymmetric: boolean;
  /** `max` leaves nothing out of the range; `mse` takes the range with the least squared error. */
  readonly scale: 'max' | 'mse';
  /** Rounds a scale to the type that it is stored in. */
  readonly round: (scale: number) => number;
}

export interface Blocks {
  /** [rows, blocks, block * bits / 8], the first column in the low bits; columns beyond the last are zero. */
  readonly packed: Uint8Array;
  /** [rows * blocks] */
  readonly scales: Float32Array;
  /** [rows, ceil(blocks * bits / 8)]: a row starts at a byte. Absent where all are the middle, 2^(bits - 1). */
  readonly zeroPoints?: Uint8Array;
  /** [rows, columns]: (code - zero point) times scale. */
  readonly decoded: Float32Array;
}

/** Zero has a code of its own in every block, so that zeros stay zeros. @param values finite, [rows, columns]. */
export function quantiseBlocks(values: Float32Array, form: BlockForm): Blocks {
  const { rows, columns, bits, block, isSymmetric } = form;
  const blocks = Math.ceil(columns / block);
  const perByte = 8 / bits;
  const zeroBytes = Math.ceil(blocks / perByte);
  const packed = new Uint8Array((rows * blocks * block) / perByte);
  const scales = new Float32Array(rows * blocks);
  const zeroPoints = new Uint8Array(rows * zeroBytes);
  const decoded = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < blocks; at++) {
      const start = row * columns + at * block;
      const end = Math.min(start + block, (row + 1) * columns);
      const grid = gridOf(values.subarray(start, end), form);
      const index = row * blocks + at;
      scales[index] = grid.scale;
      zeroPoints[row * zeroBytes + Math.floor(at / perByte)]! |= grid.zero << (bits * (at % perByte));
      for (let i = 0; i < block; i++) {
        const code = start + i < end ? codeOf(values[start + i]!, grid, form) : grid.zero;
        const place = index * block + i;
        packed[Math.floor(place / perByte)]! |= code << (bits * (place % perByte));
        if (start + i < end) decoded[start + i] = (code - grid.zero) * grid.scale;
      }
    }
  }
  return { packed, scales, decoded, ...(!isSymmetric && { zeroPoints }) };
}

interface Grid {
  readonly scale: number;
  readonly zero: number;
}

/** Shares of the range that are tried for the least error; outliers of few bits are cheaper to clip than to reach. */
const shares = Array.from({ length: 21 }, (_, i) => 1 - i / 40);

function gridOf(values: Float32Array, form: BlockForm): Grid {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low === 0 && high === 0) return { scale: 1, zero: 2 ** (form.bits - 1) };
  const wide = gridsOf(low, high, form);
  const first = wide[0]!;
  if (form.scale === 'max') return first;
  let [best, least] = [first, squaredError(values, first, form, Number.POSITIVE_INFINITY)];
  for (const share of shares) {
    for (const grid of gridsOf(low * share, high * share, form)) {
      const error = squaredError(values, grid, form, least);
      if (error < least) [best, least] = [grid, error];
    }
  }
  return best;
}

/** Grids for a range: the first holds all of it. A symmetric one has a code more on one side, which a negative scale turns over. */
function gridsOf(low: number, high: number, { bits, isSymmetric, round }: BlockForm): Grid[] {
  const least = 2 ** -126;
  if (isSymmetric) {
    const zero = 2 ** (bits - 1);
    const most = Math.max(-low, high);
    const scaled = (steps: number): number => round(Math.max(least, most / steps));
    return [
      { scale: scaled(zero - 1), zero },
      { scale: scaled(zero) * (most === high ? -1 : 1), zero },
    ];
  }
  const scale = round(Math.max(least, (high - low) / (2 ** bits - 1)));
  const zero = Math.max(0, Math.min(2 ** bits - 1, Math.round(-low / scale)));
  return [{ scale, zero }];
}

function codeOf(value: number, { scale, zero }: Grid, { bits }: BlockForm): number {
  const code = Math.floor(value / scale + 0.5) + zero;
  const most = (1 << bits) - 1;
  return code < 0 ? 0 : code > most ? most : code;
}

/** Gives up where it is no better than `most`. */
function squaredError(values: Float32Array, grid: Grid, form: BlockForm, most: number): number {
  const { scale, zero } = grid;
  let sum = 0;
  for (let i = 0; i < values.length && sum < most; i++) {
    const value = values[i]!;
    const lost = (codeOf(value, grid, form) - zero) * scale - value;
    sum += lost * lost;
  }
  return sum;
}
