/** Densities in .npz files, so that they are fitted once. */
import { existsSync } from 'node:fs';
import { UserError } from '../errors.js';
import { loadNpz, saveNpz } from '../tensor/npz.js';
import { dataOf, int64, scalar, type Tensor, tensor } from '../tensor/tensor.js';
import { type CovarianceKind, component } from './component.js';
import { type Gmm, gmm } from './gmm.js';
import { type Kde, kde } from './kde.js';

/**
 * Arrays `kde` (the form's version, 1), `points` [rows, d] and `bandwidth` []; or `gmm` (likewise), `weights` [k], `means` [k, d] and
 * `covariances`, [k, d, d] or [k, d] where they are diagonal: all float64, so that what is loaded gives the same log densities.
 * @throws UserError when the file exists and `force` is not set.
 */
export function saveDensity(
  density: Kde | Gmm,
  path: string,
  { force = false }: { readonly force?: boolean } = {},
): void {
  if (!force && existsSync(path)) throw new UserError(path, 'exists already; use --force to overwrite it');
  saveNpz(path, new Map(Object.entries({ [density.name]: int64([], [version]), ...arraysOf(density) })));
}

const version = 1;

function arraysOf(density: Kde | Gmm): Record<string, Tensor> {
  const d = density.dimensions;
  if (density.name === 'kde') {
    const { points, bandwidth } = density;
    return { points: tensor('float64', [points.length / d, d], points), bandwidth: scalar(bandwidth, 'float64') };
  }
  const { components, covariance } = density;
  const packed = (shape: readonly number[], rows: readonly ArrayLike<number>[]): Tensor =>
    tensor('float64', [rows.length, ...shape], Float64Array.from(rows.flatMap((row) => Array.from(row))));
  return {
    weights: packed(
      [],
      components.map(({ weight }) => [weight]),
    ),
    means: packed(
      [d],
      components.map(({ mean }) => mean),
    ),
    covariances: packed(
      covariance === 'full' ? [d, d] : [d],
      components.map((each) => each.covariance),
    ),
  };
}

/** @throws UserError naming the file, for one that `saveDensity` has not written. */
export function loadDensity(path: string): Kde | Gmm {
  const arrays = loadNpz(path);
  try {
    if (arrays.has('kde')) return loadKde(arrays);
    if (arrays.has('gmm')) return loadGmm(arrays);
    throw new UserError('density', `expected an array 'kde' or 'gmm', got ${[...arrays.keys()].join(', ') || 'none'}`);
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(path, `${error.message}; fit the density again`, { cause: error });
    throw error;
  }
}

function loadKde(arrays: ReadonlyMap<string, Tensor>): Kde {
  checkVersion(arrays, 'kde');
  const { shape, values } = numbersIn(arrays, 'points', [null, null]);
  const { values: bandwidth } = numbersIn(arrays, 'bandwidth', []);
  return kde(values, shape[1] as number, bandwidth[0] as number);
}

function loadGmm(arrays: ReadonlyMap<string, Tensor>): Gmm {
  checkVersion(arrays, 'gmm');
  const { shape, values: means } = numbersIn(arrays, 'means', [null, null]);
  const [k, d] = shape as [number, number];
  const { values: weights } = numbersIn(arrays, 'weights', [k]);
  const kind: CovarianceKind = arrays.get('covariances')?.shape.length === 2 ? 'diagonal' : 'full';
  const { values: covariances } = numbersIn(arrays, 'covariances', kind === 'full' ? [k, d, d] : [k, d]);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.some((weight) => !(weight > 0)) || Math.abs(sum - 1) > 1e-6) {
    throw new UserError('weights', `expected numbers above 0 that sum to 1, got a sum of ${sum}`);
  }
  const width = covariances.length / k;
  const components = Array.from(weights, (weight, i) => {
    const covariance = covariances.slice(i * width, (i + 1) * width);
    if (kind === 'full') checkSymmetric(covariance, d);
    return component(weight, means.slice(i * d, (i + 1) * d), covariance, kind);
  });
  return gmm(components, kind);
}

function checkVersion(arrays: ReadonlyMap<string, Tensor>, name: string): void {
  const mark = arrays.get(name) as Tensor;
  const found = mark.dtype === 'int64' && mark.shape.length === 0 ? Number(dataOf(mark)[0]) : undefined;
  if (found !== version)
    throw new UserError(name, `expected ${version}, got ${found ?? `${mark.dtype}[${mark.shape}]`}`);
}

/** @param wanted null for any size above 0. */
function numbersIn(arrays: ReadonlyMap<string, Tensor>, name: string, wanted: readonly (number | null)[]) {
  const found = arrays.get(name);
  const fits =
    found?.dtype === 'float64' &&
    found.shape.length === wanted.length &&
    found.shape.every((size, axis) => size === (wanted[axis] ?? Math.max(size, 1)));
  if (!found || !fits) {
    const expected = `float64[${wanted.map((size) => size ?? '?')}]`;
    throw new UserError(name, `expected ${expected}, got ${found ? `${found.dtype}[${found.shape}]` : 'none'}`);
  }
  const values = Float64Array.from(dataOf(found) as Float64Array);
  const wrong = values.find((x) => !Number.isFinite(x));
  if (wrong !== undefined) throw new UserError(name, `expected finite numbers, got ${wrong}`);
  return { shape: found.shape, values };
}

/** Only the upper triangles are read: another lower one would go unnoticed. */
function checkSymmetric(covariance: Float64Array, d: number): void {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      if (covariance[i * d + j] === covariance[j * d + i]) continue;
      throw new UserError('covariances', 'expected symmetric matrices, got one that is not');
    }
  }
}
