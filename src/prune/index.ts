/** The catalogue of criteria: choices of the command line, the table in README and the tests are all read from it. */
import { magnitude } from './magnitude.js';
import type { Pruner } from './pruner.js';
import { random } from './random.js';
import { ria } from './ria.js';
import { sparsegpt } from './sparsegpt.js';
import { wanda } from './wanda.js';

export const pruners = { magnitude, random, wanda, ria, sparsegpt } satisfies Record<string, Pruner>;

export type PrunerName = keyof typeof pruners;

export { type PruneLayerRequest, pruneLayer, scoreLayer } from './prune-layer.js';
export type { Products, Pruned, Pruner, PrunerOptions, StatisticName, Statistics } from './pruner.js';
