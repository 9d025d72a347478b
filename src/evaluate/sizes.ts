/** How large a model is, as it lies on disk and as it would be sent. */
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Graph } from '../ir/types.js';
import { load } from '../onnx/load.js';

export interface Sizes {
  /** The model's file and the files of its external data. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly bytes: number;
  /** The same files through gzip at level 6, each by itself. */
  readonly gzipBytes: number;
  /** True where files are so large that only pieces of them went through gzip, evenly spread. */
  readonly isGzipEstimated: boolean;
}

/** Files are read as streams, until the signal aborts. @throws UserError when the model cannot be loaded. */
export const sizes = (path: string, signal?: AbortSignal): Promise<Sizes> =>
  fileSizes([path, ...externalFiles(load(path).graph)], signal);

/** The same of any files. */
export async function fileSizes(named: readonly string[], signal?: AbortSignal): Promise<Sizes> {
  const paths = [...new Set(named.map((file) => resolve(file)))];
  const files = paths.map((file) => ({ path: file, bytes: statSync(file).size }));
  let gzipBytes = 0;
  for (const { path: file, bytes } of files) {
    gzipBytes += bytes > mostWhole ? await estimatedSize(file, bytes, signal) : await gzippedSize(file, {}, signal);
  }
  const isGzipEstimated = files.some(({ bytes }) => bytes > mostWhole);
  return { files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), gzipBytes, isGzipEstimated };
}

/** Gzip reads some 40 MB in a second, and two models are measured: beyond this, a part has to do. */
const mostWhole = 192 * 2 ** 20;
const pieces = 64;
const pieceBytes = 2 ** 20;

async function estimatedSize(path: string, bytes: number, signal: AbortSignal | undefined): Promise<number> {
  let sum = 0;
  for (let i = 0; i < pieces; i++) {
    const start = Math.floor(((bytes - pieceBytes) * i) / (pieces - 1));
    sum += await gzippedSize(path, { start, end: start + pieceBytes - 1 }, signal);
  }
  return Math.round((sum / (pieces * pieceBytes)) * bytes);
}

async function gzippedSize(
  path: string,
  part: { readonly start?: number; readonly end?: number },
  signal: AbortSignal | undefined,
): Promise<number> {
  let bytes = 0;
  const count = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(signal?.aborted ? signal.reason : null);
    },
  });
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20, ...part }), createGzip({ level: 6 }), count);
  return bytes;
}

function* externalFiles(graph: Graph): Generator<string> {
  for (const { payload } of graph.initializers.values()) if (payload.file) yield payload.file.path;
  for (const node of graph.nodes) {
    for (const attr of Object.values(node.attrs)) {
      if (attr.kind === 'tensor' && attr.value.payload.file) yield attr.value.payload.file.path;
      if (attr.kind === 'tensors') for (const { payload } of attr.value) if (payload.file) yield payload.file.path;
      if (attr.kind === 'graph') yield* externalFiles(attr.value);
      if (attr.kind === 'graphs') for (const body of attr.value) yield* externalFiles(body);
    }
  }
}
