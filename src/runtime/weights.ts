/** Where the runtime finds each weight: in the user's own file, in a buffer beside the model, or in the model itself. */
import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { subgraphs } from '../ir/graph.js';
import type { Graph } from '../ir/types.js';
import type { FileRange, Tensor } from '../tensor/tensor.js';

export interface Placement {
  /** The folder of the files that weights lie in; absent when none does. */
  readonly folder?: string;
  /** Weights handed over as buffers, by the location that the model gives for them. */
  readonly buffers: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** For `encode`: the place of a weight, or undefined when the model holds it. */
  external(t: Tensor): { location: string; offset: number; length: number } | undefined;
}

/** Smaller ones are embedded: the optimizer folds shapes and scalars, and a mapping costs a page. */
const LEAST_EXTERNAL_BYTES = 4096;

/** A protobuf holds 2 GB; above this, weights in memory are handed over as buffers. */
const MOST_EMBEDDED_BYTES = 1 << 30;

/**
 * Weights of at least 4 KiB that lie in files of one folder (the one with the most bytes) are named by file and offset:
 * the runtime maps them, and they never pass through JavaScript. The others are embedded.
 *
 * The runtime takes files or buffers, not both. Where the weights in memory are too many to embed, all are buffers.
 */
export function placeWeights(graph: Graph): Placement {
  const large = [...new Set(weightsOf(graph))].filter(
    (t) => !t.strings && t.payload.byteLength >= LEAST_EXTERNAL_BYTES,
  );
  const files = new Map<Tensor, FileRange>();
  for (const t of large) if (t.payload.file) files.set(t, realFile(t.payload.file));
  const folder = largestFolder([...files.values()]);
  const isInFolder = (t: Tensor): boolean => folder !== undefined && dirname(files.get(t)?.path ?? '') === folder;
  const embedded = large.filter((t) => !isInFolder(t)).reduce((sum, t) => sum + t.payload.byteLength, 0);
  if (embedded > MOST_EMBEDDED_BYTES) return inBuffers(large);
  if (folder === undefined) return { buffers: [], external: () => undefined };

  const external: Placement['external'] = (t) => {
    const file = isInFolder(t) ? files.get(t) : undefined;
    return file && { location: basename(file.path), offset: file.offset, length: file.length };
  };
  return { folder, buffers: [], external };
}

function inBuffers(weights: readonly Tensor[]): Placement {
  const paths = new Map(weights.map((t, i) => [t, `buffer-${i}`]));
  return {
    buffers: weights.map((t) => ({ path: paths.get(t)!, data: t.payload.read() })),
    external(t) {
      const location = paths.get(t);
      return location === undefined ? undefined : { location, offset: 0, length: t.payload.byteLength };
    },
  };
}

function* weightsOf(graph: Graph): Generator<Tensor> {
  yield* graph.initializers.values();
  for (const node of graph.nodes) for (const body of subgraphs(node)) yield* weightsOf(body);
}

// the runtime refuses a link that leads out of the model's folder: name the folder that the bytes are in
const realFile = (file: FileRange): FileRange => ({ ...file, path: realpathSync(file.path) });

function largestFolder(files: readonly FileRange[]): string | undefined {
  const bytes = new Map<string, number>();
  for (const { path, length } of files) bytes.set(dirname(path), (bytes.get(dirname(path)) ?? 0) + length);
  return [...bytes].sort((a, b) => b[1] - a[1])[0]?.[0];
}
