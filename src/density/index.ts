/** How plausible a point is: densities, neighbours, outlier factors and usual deviations. */

export type { Component, CovarianceKind } from './component.js';
export type { Density } from './density.js';
export { type FittedGmm, fitGmm, type GmmOptions } from './fit-gmm.js';
export { type Gmm, gmm } from './gmm.js';
export { type Gravity, gravity } from './gravity.js';
export { fitKde, type Kde, type KdeOptions, kde } from './kde.js';
export { fitLof, type Lof } from './lof.js';
export { type Mad, mad } from './mad.js';
export type { MetricName } from './metrics.js';
export { type Nearest, type Neighbours, type NeighboursOptions, neighbours } from './neighbours.js';
export { loadDensity, saveDensity } from './saved.js';
export { type Spread, spreadOf } from './spread.js';
export { type DensityStore, densityStore } from './store.js';
