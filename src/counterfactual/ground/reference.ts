/** Reference: the examples that say what is plausible, by the class that they belong to. */
import {
  type Density,
  type DensityStore,
  fitGmm,
  fitKde,
  fitLof,
  type Lof,
  type Neighbours,
  neighbours,
} from '../../density/index.js';
import { UserError } from '../../errors.js';
import { pick } from '../../oracle/packed.js';
import { random } from '../../tensor/random.js';
import { asTheyAre, type Frame, standardised } from './frame.js';

export interface Reference {
  readonly count: number;
  readonly size: number;
  /** Packed [count, size], in the search's range. */
  readonly points: Float32Array;
  readonly labels: Int32Array;
  /** What the model says of each, where it was asked. */
  readonly predicted?: Int32Array;
  /** In which densities and outlier factors are taken. */
  readonly frame: Frame;
  /** Packed points of one class. @throws UserError where there is none. */
  of(label: number): Float32Array;
  /** As many of the points as asked for, packed, drawn from the seed. */
  drawn(most: number): Float32Array;
  /** All points, or those of a class. */
  neighbours(label?: number): Neighbours;
  kde(label?: number): Promise<Density>;
  gmm(label: number): Promise<Density>;
  lof(label: number): Promise<Lof>;
}

export interface ReferenceOptions {
  readonly seed: number;
  /** Whether densities are taken of standardised features; else of the points as they are, as of pictures. */
  readonly standardise: boolean;
  readonly predicted?: Int32Array;
  /** Name of a class, for errors. */
  readonly nameOf?: (label: number) => string;
  /** Where densities are looked for before they are fitted, and put afterwards. */
  readonly store?: DensityStore | undefined;
}

/** A kernel density of more points than these is taken of as many, drawn from the seed. */
const mostKernels = 2000;
/** Of more dimensions covariances are diagonal: a full one has as many numbers as pairs. */
const mostForFull = 64;
/** As in the paper's tables; fewer where there are not so many points. */
const usualNeighbours = 30;

/** Densities and trees are made when first asked for, and kept. */
export function referenceOf(
  points: Float32Array,
  labels: Int32Array,
  size: number,
  { seed, standardise, predicted, nameOf = (label) => `class ${label}`, store }: ReferenceOptions,
): Reference {
  const frame = standardise ? standardised(points, size) : asTheyAre;
  const known = new Map<string, unknown>();
  const once = <T>(name: string, make: () => T): T => {
    if (!known.has(name)) known.set(name, make());
    return known.get(name) as T;
  };
  const of = (label: number): Float32Array =>
    once(`points ${label}`, () => {
      const rows = [...labels.keys()].filter((row) => labels[row] === label);
      if (rows.length === 0)
        throw new UserError(
          '--reference',
          `expected examples of ${nameOf(label)}, got none among ${labels.length}; give data that have some`,
        );
      return pick(points, size, rows);
    });
  const kept: DensityStore = store ?? ((_, __, fit) => fit());
  const framed = (label?: number): Float32Array =>
    once(`framed ${label}`, () => frame.of(label === undefined ? points : of(label)));
  return {
    count: labels.length,
    size,
    points,
    labels,
    ...(predicted && { predicted }),
    frame,
    of,
    drawn: (most) => once(`drawn ${most}`, () => thinned(points, size, most, seed)),
    neighbours: (label) =>
      once(`neighbours ${label}`, () => neighbours(label === undefined ? points : of(label), size)),
    kde: (label) =>
      once(`kde ${label}`, () => {
        const own = thinned(framed(label), size, mostKernels, seed);
        return kept(own, { kind: 'kde', seed }, () => fitKde(own, size, { seed }));
      }),
    gmm: (label) =>
      once(`gmm ${label}`, () => {
        const own = framed(label);
        const covariance = size > mostForFull ? 'diagonal' : 'full';
        return kept(own, { kind: 'gmm', seed, covariance }, () => fitGmm(own, size, { seed, covariance }));
      }),
    lof: (label) =>
      once(`lof ${label}`, async () => {
        const own = framed(label);
        return fitLof(own, size, Math.max(1, Math.min(usualNeighbours, own.length / size - 1)));
      }),
  };
}

function thinned(points: Float32Array, size: number, most: number, seed: number): Float32Array {
  const rows = points.length / size;
  if (rows <= most) return points;
  const chosen = [...random(seed, 'reference').permutation(rows)].slice(0, most).sort((a, b) => a - b);
  return pick(points, size, chosen);
}
