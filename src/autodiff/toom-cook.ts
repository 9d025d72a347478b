/**
 * Convolutions along one axis by fewer products: tiles of the data and the kernel are evaluated at points, multiplied there, and
 * interpolated. Winograd, Arithmetic complexity of computations, 1980; Lavin, Gray, Fast algorithms for convolutional neural
 * networks (arXiv 1509.09308). The gradients need as few: they pass through the same points.
 */
import type { Value } from '../ir/types.js';
import type { Tape } from '../ops/tape.js';

export interface Line {
  readonly outputs: number;
  readonly channels: number;
  readonly kernel: number;
  /** Of the data, and the zeros in front and behind. */
  readonly length: number;
  readonly begin: number;
  readonly end: number;
}

/** Results per tile. With five taps at most, rounding errors are those of a plain sum some five times over. */
const tile = 4;

/** Of small height, fractions of two: the products stay near each other in size. The last point is infinity. */
const points = [0, 1, -1, 0.5, -2, 2, -0.5];

/** Kernels of up to five taps are taken whole, longer ones in pieces of a tile. */
const tapsOf = (kernel: number): number => (kernel <= 5 ? kernel : tile);

/**
 * Whether the products saved outweigh the passes over data and results, at 100 float operations in the time of one float passed:
 * with 128 channels on both sides from three taps on, with 64 from five.
 */
export function isWorthTiling({ outputs, channels, kernel }: Line): boolean {
  if (kernel < 3) return false;
  const pieces = Math.ceil(kernel / tapsOf(kernel));
  const factors = (tile + tapsOf(kernel) - 1) / tile;
  const saved = 0.06 * channels * outputs * (kernel - pieces * factors);
  const passed = (4 + (pieces > 1 ? pieces * factors : 0)) * channels + 2 * outputs;
  return saved > 1.2 * passed;
}

/** The convolution at stride 1 of a picture [1, channels, N, length] with a weight [outputs, channels, kernel]. */
export function tiledConvolution(g: Tape, x: Value, weight: Value, line: Line): Value {
  const { outputs, channels, kernel, length, begin, end } = line;
  const taps = tapsOf(kernel);
  const pieces = Math.ceil(kernel / taps);
  const { evaluateKernel, evaluateData, interpolate } = transforms(taps);
  const places = tile + taps - 1;
  const results = length + begin + end - kernel + 1;
  const tiles = Math.ceil(results / tile);
  // pieces are a tile long: at each point, they and the tiles are a convolution again
  const padding = (tiles + pieces - 2) * tile + places - length - begin;
  // a third axis, as over two the runtime would make blocks of 16 channels of these few
  const data = g.op(
    'Conv',
    [g.reshape(x, [1, 1, 1, -1, length]), g.floats(evaluateData.flat(), [places, 1, 1, 1, places])],
    { strides: [1, 1, tile], pads: [0, 0, begin, 0, 0, padding] },
  );
  const rows = g.reshape(whole(g, weight, line, pieces * taps), [-1, taps]);
  const kernels = g.matmul(g.floats(evaluateKernel.flat(), [places, taps]), g.transpose(rows, [1, 0]));
  const products =
    pieces === 1
      ? g.matmul(g.reshape(kernels, [places, outputs, channels]), g.reshape(data, [places, channels, -1]))
      : g.op(
          'Conv',
          [
            g.reshape(data, [1, places * channels, -1, tiles + pieces - 1]),
            g.reshape(kernels, [places * outputs, channels, 1, pieces]),
          ],
          { group: places },
        );
  const phases = g.matmul(g.floats(interpolate.flat(), [tile, places]), g.reshape(products, [places, -1]));
  const lines = g.reshape(g.transpose(phases, [1, 0]), [1, outputs, -1, tiles * tile]);
  return tiles * tile === results ? lines : g.slice(lines, [0], [results], [3]);
}

/** The kernel with zeros behind, up to so many taps. */
const whole = (g: Tape, weight: Value, { kernel }: Line, taps: number): Value =>
  taps === kernel ? weight : g.op('Pad', [weight, g.ints([0, 0, 0, 0, 0, taps - kernel])]);

/**
 * y = C [(E k) (D x)], elementwise, for `taps` taps and a tile of results: D evaluates data, E kernels, C interpolates. As in Lavin
 * and Gray, by transposition of Toom's and Cook's product of polynomials.
 */
function transforms(taps: number) {
  const count = tile + taps - 1;
  const finite = points.slice(0, count - 1);
  const others = (j: number): number[] => finite.filter((_, k) => k !== j);
  const last = (size: number): number[] => [...Array<number>(size - 1).fill(0), 1];
  const powers = (x: number, size: number): number[] => Array.from({ length: size }, (_, i) => x ** i);
  const evaluateKernel = finite.map((x, j) => {
    const scale = others(j).reduce((product, y) => product * (x - y), 1);
    return powers(x, taps).map((power) => power / scale);
  });
  const columns = [...finite.map((x) => powers(x, tile)), last(tile)];
  return {
    evaluateKernel: [...evaluateKernel, last(taps)],
    evaluateData: [...finite.map((_, j) => [...polynomial(others(j)), 0]), polynomial(finite)],
    interpolate: Array.from({ length: tile }, (_, i) => columns.map((column) => column[i]!)),
  };
}

/** Coefficients of the product of (x - root), the constant first. */
const polynomial = (roots: readonly number[]): number[] =>
  roots.reduce<number[]>(
    (p, root) => Array.from({ length: p.length + 1 }, (_, i) => (p[i - 1] ?? 0) - root * (p[i] ?? 0)),
    [1],
  );
