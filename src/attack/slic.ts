/** SLIC superpixels: compact regions of similar colour, as groups for attacks that change whole regions. */
import { forNeighbours, type Grid } from './components.js';
import { labOf } from './lab.js';
import { mergeSmall } from './merge-small.js';

export interface SlicOptions {
  /** How many superpixels to aim at. */
  readonly segments: number;
  /** Distance in the plane against distance in colour; default 10 for three channels, else 0.1, as others range over 1 and not over 100. */
  readonly compactness?: number;
  /** Default 10. */
  readonly iterations?: number;
}

/**
 * Labels 0 to m - 1 of an image's pixels, each one 4-connected component of at least a quarter of the mean size: Achanta, Shaji, Smith,
 * Lucchi, Fua, Süsstrunk, SLIC superpixels compared to state-of-the-art superpixel methods (IEEE TPAMI 2012). Small ones are merged
 * into the neighbour with the longest common border, where the paper takes any.
 * @param image [channels, height * width] in [0, 1]; three channels are red, green and blue and compared in CIELAB, others as they are.
 * A series has height 1.
 */
export function slic(image: Float32Array, grid: Grid, options: SlicOptions): Int32Array {
  const pixels = grid.height * grid.width;
  const channels = image.length / pixels;
  const { segments, compactness = channels === 3 ? 10 : 0.1, iterations = 10 } = options;
  const colours = channels === 3 ? labOf(image) : image;
  const seeds = seedsOf(colours, grid, Math.min(Math.max(1, Math.round(segments)), pixels));
  const labels = clusters(colours, grid, seeds, compactness, iterations);
  return mergeSmall(labels, grid, Math.floor(pixels / seeds.count / 4));
}

interface Seeds {
  readonly count: number;
  /** The larger distance between neighbours on the grid of seeds. */
  readonly spacing: number;
  readonly ys: Float64Array;
  readonly xs: Float64Array;
}

type Colours = Float32Array | Float64Array;

/** A regular grid of about `segments` points, each moved to the least gradient around it, away from edges and noise. */
function seedsOf(colours: Colours, grid: Grid, segments: number): Seeds {
  const { height, width } = grid;
  const [shorter, longer] = [Math.min(height, width), Math.max(height, width)];
  const fewer = Math.max(1, Math.round(shorter / Math.sqrt((height * width) / segments)));
  const more = Math.min(longer, Math.max(1, Math.round(segments / fewer)));
  const [rows, columns] = height <= width ? [fewer, more] : [more, fewer];
  const spacing = Math.max(height / rows, width / columns);
  const count = rows * columns;
  const ys = new Float64Array(count);
  const xs = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    // the middle of a cell may lie between pixels
    const y = ((Math.floor(k / columns) + 0.5) * height) / rows - 0.5;
    const x = (((k % columns) + 0.5) * width) / columns - 0.5;
    const pixel = pixelAt(y, x, width);
    // seeds that are next to each other would meet
    const calm = spacing < 3 ? pixel : calmest(colours, grid, pixel);
    ys[k] = y + Math.floor(calm / width) - Math.floor(pixel / width);
    xs[k] = x + (calm % width) - (pixel % width);
  }
  return { count, spacing, ys, xs };
}

const pixelAt = (y: number, x: number, width: number): number => Math.floor(y) * width + Math.floor(x);

/** Of a pixel and its eight neighbours the one with the least gradient; of equals the pixel, then the first. */
function calmest(colours: Colours, grid: Grid, pixel: number): number {
  let best = pixel;
  let least = gradient(colours, grid, pixel);
  forNeighbours(pixel, grid, 8, (neighbour) => {
    const slope = gradient(colours, grid, neighbour);
    if (slope < least) [best, least] = [neighbour, slope];
  });
  return best;
}

/** Squared differences of the neighbours on either side, along both axes and over all channels; of the pixel itself at the border. */
function gradient(colours: Colours, { height, width }: Grid, pixel: number): number {
  const y = Math.floor(pixel / width);
  const x = pixel % width;
  const ends = [
    [y > 0 ? pixel - width : pixel, y < height - 1 ? pixel + width : pixel],
    [x > 0 ? pixel - 1 : pixel, x < width - 1 ? pixel + 1 : pixel],
  ] as const;
  let sum = 0;
  for (let plane = 0; plane < colours.length; plane += height * width) {
    for (const [before, after] of ends) {
      sum += ((colours[plane + after] as number) - (colours[plane + before] as number)) ** 2;
    }
  }
  return sum;
}

interface Centres {
  readonly ys: Float64Array;
  readonly xs: Float64Array;
  /** [count, channels]. */
  readonly colours: Float64Array;
}

/** k-means in which a centre sees only the pixels within its spacing. */
function clusters(colours: Colours, grid: Grid, seeds: Seeds, compactness: number, iterations: number): Int32Array {
  const pixels = grid.height * grid.width;
  const channels = colours.length / pixels;
  const centres = { ys: seeds.ys, xs: seeds.xs, colours: new Float64Array(seeds.count * channels) };
  for (let k = 0; k < seeds.count; k++) {
    const pixel = pixelAt(seeds.ys[k] as number, seeds.xs[k] as number, grid.width);
    for (let c = 0; c < channels; c++) centres.colours[k * channels + c] = colours[c * pixels + pixel] as number;
  }
  const labels = new Int32Array(pixels);
  for (let iteration = 0; iteration < iterations; iteration++) {
    toNearest(colours, grid, labels, centres, seeds.spacing, compactness);
    toMeans(colours, grid, labels, centres);
  }
  return labels;
}

/** Gives each pixel the label of the nearest centre that sees it; one that none sees keeps its own. */
function toNearest(
  colours: Colours,
  { height, width }: Grid,
  labels: Int32Array,
  { ys, xs, colours: means }: Centres,
  spacing: number,
  compactness: number,
): void {
  const channels = means.length / ys.length;
  const inPlane = (compactness / spacing) ** 2;
  const distances = new Float64Array(labels.length).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < ys.length; k++) {
    const [y, x] = [ys[k] as number, xs[k] as number];
    const bottom = Math.min(height - 1, Math.ceil(y + spacing));
    const right = Math.min(width - 1, Math.ceil(x + spacing));
    for (let row = Math.max(0, Math.floor(y - spacing)); row <= bottom; row++) {
      for (let column = Math.max(0, Math.floor(x - spacing)); column <= right; column++) {
        const pixel = row * width + column;
        let distance = inPlane * ((row - y) ** 2 + (column - x) ** 2);
        for (let c = 0; c < channels; c++) {
          distance += ((colours[c * labels.length + pixel] as number) - (means[k * channels + c] as number)) ** 2;
        }
        if (!(distance < (distances[pixel] as number))) continue;
        distances[pixel] = distance;
        labels[pixel] = k;
      }
    }
  }
}

/** Moves each centre to the mean of its pixels; one without pixels stays. */
function toMeans(colours: Colours, { width }: Grid, labels: Int32Array, { ys, xs, colours: means }: Centres): void {
  const channels = means.length / ys.length;
  const sizes = new Int32Array(ys.length);
  for (const k of labels) sizes[k]!++;
  for (let k = 0; k < sizes.length; k++) {
    if (sizes[k] === 0) continue;
    ys[k] = 0;
    xs[k] = 0;
    means.fill(0, k * channels, (k + 1) * channels);
  }
  labels.forEach((k, pixel) => {
    const size = sizes[k] as number;
    const y = Math.floor(pixel / width);
    ys[k]! += y / size;
    xs[k]! += (pixel - y * width) / size;
    for (let c = 0; c < channels; c++)
      means[k * channels + c]! += (colours[c * labels.length + pixel] as number) / size;
  });
}
