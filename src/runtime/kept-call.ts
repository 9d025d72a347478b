/**
 * What the runtime was given last, in two files: a job that is run again to learn what the runtime breaks down on keeps every
 * graph before it is loaded, and what it is fed before it is run.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Graph } from '../ir/types.js';
import { loadBytes } from '../onnx/load.js';
import type { Tensor } from '../tensor/tensor.js';
import { readFeeds, writeFeeds } from './kept-feeds.js';
import type { SessionSettings } from './session.js';

export interface KeptCall {
  readonly graph: Graph;
  readonly settings: SessionSettings;
  /** By the input's name; undefined when the graph was only loaded. */
  fed(): ReadonlyMap<string, Tensor> | undefined;
}

interface Loaded {
  readonly model: Uint8Array;
  readonly settings: SessionSettings;
  /** Where its external data lie. */
  readonly folder: string | undefined;
}

/** From here on, calls of this process are kept in `folder`. */
export const keepCalls = (folder: string): void => {
  keptIn = folder;
};

export const isKeepingCalls = (): boolean => keptIn !== undefined;

export function keepLoad(graph: Graph, loaded: Loaded): void {
  if (keptIn === undefined) return;
  all.set(graph, loaded);
  write(graph);
}

export function keepRun(graph: Graph, feeds: ReadonlyMap<{ readonly name: string }, Tensor>): void {
  if (keptIn === undefined) return;
  write(graph);
  writeFeeds(join(keptIn, fedFile), feeds);
}

/** @throws Error where nothing was kept. */
export function readCall(folder: string): KeptCall {
  const { model, settings, folder: beside } = deserialize(readFileSync(join(folder, graphFile))) as Loaded;
  const { graph } = loadBytes(model, beside && join(beside, graphFile));
  return { graph, settings, fed: () => readFed(join(folder, fedFile)) };
}

function readFed(path: string): ReadonlyMap<string, Tensor> | undefined {
  return existsSync(path) ? readFeeds(path) : undefined;
}

let keptIn: string | undefined;

const graphFile = 'graph';
const fedFile = 'fed';

const all = new WeakMap<Graph, Loaded>();
let written: Graph | undefined;

/** A graph that was loaded long ago may be run now. */
function write(graph: Graph): void {
  const folder = keptIn as string;
  rmSync(join(folder, fedFile), { force: true });
  if (graph === written) return;
  rmSync(join(folder, graphFile), { force: true });
  const loaded = all.get(graph);
  if (loaded) writeFileSync(join(folder, graphFile), serialize(loaded));
  written = graph;
}
