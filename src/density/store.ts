/** densityStore: a folder of fitted densities, so that the same points are fitted once, by whatever run. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../files/folder.js';
import type { FittedGmm } from './fit-gmm.js';
import type { Gmm } from './gmm.js';
import type { Kde } from './kde.js';
import { loadDensity, saveDensity } from './saved.js';

/** The density of these points, as it was fitted before or as `fit` makes it now. @param how whatever else decides what is fitted. */
export type DensityStore = <T extends Kde | Gmm | FittedGmm>(
  points: Float32Array,
  how: { readonly kind: 'kde' | 'gmm'; readonly [setting: string]: string | number },
  fit: () => Promise<T>,
) => Promise<T | Kde | Gmm>;

/** @throws UserError when the folder cannot be had, or a file in it is not what was put there. */
export function densityStore(folder: string): DensityStore {
  makeFolder(folder);
  return async (points, how, fit) => {
    const bytes = new Uint8Array(points.buffer, points.byteOffset, points.byteLength);
    const key = createHash('sha256').update(JSON.stringify(how)).update(bytes).digest('hex').slice(0, 24);
    const path = join(folder, `${how.kind}-${key}.npz`);
    if (existsSync(path)) return loadDensity(path);
    const density = await fit();
    saveDensity(density, path, { force: true });
    return density;
  };
}
