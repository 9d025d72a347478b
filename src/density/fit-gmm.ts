/** fitGmm: a mixture of Gaussians for a set of points. */
import { UserError } from '../errors.js';
import type { FloatArray } from '../linalg/index.js';
import { random } from '../tensor/random.js';
import { type Component, type CovarianceKind, component } from './component.js';
import { type Em, maximise, openEm } from './em.js';
import { floored } from './floor.js';
import { type Gmm, gmm } from './gmm.js';
import { checkPositive, checkWhole, rowsOf } from './points.js';
import { cluster } from './seeding.js';
import { type Standard, standardised, unscaled } from './standard.js';

export interface GmmOptions {
  /** Default: the number from 1 to 10 (or to the number of points) with the least BIC. */
  readonly components?: number;
  /** Default `full`. */
  readonly covariance?: CovarianceKind;
  /** Starts, of which the likeliest end is kept; default 3. */
  readonly restarts?: number;
  /** Steps of a start at most; default 100. */
  readonly iterations?: number;
  /** Steps end when they gain less log-likelihood a point; default 1e-6. */
  readonly tolerance?: number;
  /** Default 0. */
  readonly seed?: number;
  /** The least variance of a component in any direction, with each feature's variance as the unit; default 1e-4. */
  readonly floor?: number;
}

/** A mixture, and how it was found. */
export interface FittedGmm extends Gmm {
  /** log p of a point, on average, before the first step of the kept start and after each; it never falls. */
  readonly trace: readonly number[];
  /** Schwarz, Estimating the dimension of a model (1978): -2 log-likelihood + parameters log n; less is better. */
  readonly bic: number;
}

/**
 * Expectation and maximisation from k-means++, on features of variance 1. A component that loses all its points is dropped, so
 * that there may be fewer than asked for: repeated points are one. A constant feature has the mean variance of all as its unit.
 * @throws UserError for an empty set, numbers that are not finite, or fewer points than components.
 */
export async function fitGmm(points: FloatArray, dimensions: number, options: GmmOptions = {}): Promise<FittedGmm> {
  const settings = settingsOf(options);
  const rows = rowsOf('gmm', points, dimensions, options.components);
  const standard = standardised(points, dimensions);
  const em = await openEm(standard.points, dimensions, settings.covariance);
  try {
    const counts = options.components
      ? [options.components]
      : Array.from({ length: Math.min(10, rows) }, (_, i) => i + 1);
    let best: FittedGmm | undefined;
    for (const count of counts) {
      const found = await bestStart(em, standard, count, settings);
      if (!best || found.bic < best.bic) best = found;
    }
    return best as FittedGmm;
  } finally {
    await em.release();
  }
}

type Settings = Required<Omit<GmmOptions, 'components'>>;

function settingsOf({ components = 1, ...given }: GmmOptions): Settings {
  const settings: Settings = {
    covariance: 'full',
    restarts: 3,
    iterations: 100,
    tolerance: 1e-6,
    seed: 0,
    floor: 1e-4,
    ...given,
  };
  checkWhole('gmm', 'components', components);
  checkWhole('gmm', 'restarts', settings.restarts);
  checkWhole('gmm', 'iterations', settings.iterations, 0);
  checkPositive('gmm', 'the floor', settings.floor);
  if (!(settings.tolerance >= 0))
    throw new UserError('gmm', `expected a tolerance of 0 or more, got ${settings.tolerance}`);
  return settings;
}

interface Climb {
  readonly components: readonly Component[];
  readonly trace: readonly number[];
}

async function bestStart(em: Em, standard: Standard, count: number, settings: Settings): Promise<FittedGmm> {
  let best: Climb | undefined;
  // one component has one maximum
  for (let start = 0; start < (count === 1 ? 1 : settings.restarts); start++) {
    const found = await climb(em, starting(standard, count, start, settings), standard, settings);
    if (!best || last(found) > last(best)) best = found;
  }
  return fitted(best as Climb, standard, settings.covariance);
}

const last = ({ trace }: Climb): number => trace.at(-1) as number;

async function climb(em: Em, from: readonly Component[], standard: Standard, settings: Settings): Promise<Climb> {
  const trace: number[] = [];
  for (let components = from; ; ) {
    const expected = await em.expect(components);
    trace.push(expected.logLikelihood / standard.rows);
    const gain = last({ components, trace }) - (trace.at(-2) ?? Number.NEGATIVE_INFINITY);
    if (trace.length > settings.iterations || gain < settings.tolerance) return { components, trace };
    components = maximise(components, expected, settings.covariance, settings.floor);
  }
}

/** Clusters, all with the covariance within them: one of a few points would have too narrow a covariance of its own. */
function starting(
  standard: Standard,
  count: number,
  start: number,
  { covariance: kind, seed, floor }: Settings,
): Component[] {
  const { points, rows, dimensions: d } = standard;
  const { centres, members } = cluster(points, d, count, random(seed, `gmm ${count} ${start}`));
  const sizes = new Float64Array(count);
  const within = new Float64Array(kind === 'full' ? d * d : d);
  for (const [row, c] of members.entries()) {
    sizes[c]!++;
    const difference = Float64Array.from({ length: d }, (_, i) => points[row * d + i]! - centres[c * d + i]!);
    for (let i = 0; i < d; i++) {
      if (kind === 'diagonal') within[i]! += difference[i]! ** 2 / rows;
      else for (let j = 0; j < d; j++) within[i * d + j]! += (difference[i]! * difference[j]!) / rows;
    }
  }
  const shared = floored(within, d, kind, floor);
  const taken = Array.from(sizes.keys()).filter((c) => sizes[c]! > 0);
  return taken.map((c) => component(sizes[c]! / rows, centres.slice(c * d, (c + 1) * d), shared, kind));
}

/** Back in the unit of the features. */
function fitted({ components, trace }: Climb, standard: Standard, kind: CovarianceKind): FittedGmm {
  const { rows, dimensions: d, scale } = standard;
  const logScale = scale.reduce((sum, s) => sum + Math.log(s), 0);
  const logs = trace.map((log) => log - logScale);
  const perComponent = d + (kind === 'full' ? (d * (d + 1)) / 2 : d);
  const parameters = components.length * (perComponent + 1) - 1;
  const mixture = gmm(
    components.map((each) => unscaled(each, standard, kind)),
    kind,
  );
  return { ...mixture, trace: logs, bic: -2 * rows * (logs.at(-1) as number) + parameters * Math.log(rows) };
}
