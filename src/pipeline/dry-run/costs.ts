/** What a dry run cannot measure itself: constants per weight and per byte. `npm run bench -- pruning-costs` prints the former. */
import type { Layer } from '../../ops/layers.js';
import { type Pruner, type PrunerName, pruners } from '../../prune/index.js';
import type { PruneRequest } from '../prune/request.js';

/**
 * Nanoseconds for a weight, from reading it to its place in a checkpoint: `weight + column * columns`. A criterion that updates
 * weights has work for the columns that follow.
 */
const nanosecondsPerWeight: Readonly<Record<PrunerName, { readonly weight: number; readonly column: number }>> = {
  magnitude: { weight: 65, column: 0 },
  random: { weight: 220, column: 0 },
  wanda: { weight: 65, column: 0 },
  ria: { weight: 95, column: 0 },
  sparsegpt: { weight: 185, column: 0.01 },
};

/** Where the weights of a row compete, rows are sorted. */
const nanosecondsSorted = 70;

/** Seconds for pruning these layers, without the samples' runs. */
export function pruningSeconds(request: PruneRequest, layers: readonly Layer[]): number {
  const { method, pattern, group = (pruners[method] as Pruner).group } = request;
  const { weight, column } = nanosecondsPerWeight[method];
  const sorted = pattern.kind === 'unstructured' && group === 'row' ? nanosecondsSorted : 0;
  const each = layers.map(({ positions, layout }) => positions * (weight + sorted + column * layout.columns));
  return each.reduce((sum, nanoseconds) => sum + nanoseconds, 0) * 1e-9;
}

/** Seconds a byte. */
const reading = 1 / 1.0e9;
const hashing = 1 / 1.2e9;
const writing = 1 / 0.4e9;
const gzipping = 1 / 40e6;

/** Of a large file only pieces go through gzip. */
const gzippedWhole = 192 * 2 ** 20;
const gzippedPieces = 64 * 2 ** 20;

/** Reading every weight of a model. */
export const readingSeconds = (bytes: number): number => bytes * reading;

/** Hashes of the inputs, before anything is computed. */
export const hashingSeconds = (bytes: number): number => bytes * (reading + hashing);

/** Outputs brought to the disk, looked at again and hashed. */
export const savingSeconds = (bytes: number): number => bytes * (writing + 2 * reading + hashing);

/** Lengths, gzip and hashes of a model before and after. @param files bytes of each file of one of them */
export function sizingSeconds(files: readonly number[]): number {
  const one = (bytes: number): number =>
    bytes * (reading + hashing) + (bytes > gzippedWhole ? gzippedPieces : bytes) * gzipping;
  return 2 * files.reduce((sum, bytes) => sum + one(bytes), 0);
}

/** What crosses into a region is a fraction of what a region holds while it runs. */
export const heldPerCrossing = 8;
