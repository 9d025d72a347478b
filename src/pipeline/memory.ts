/** How much memory a job may take, and what it does differently when that is little. */
import { rmSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Forward, forward } from '../evaluate/forward.js';
import { removeLeftovers, temporaryBeside } from '../files/temporary.js';
import { subgraphs } from '../ir/graph.js';
import type { Graph } from '../ir/types.js';
import { forwardByRegion } from '../regions/forward-by-region.js';
import { Shelf } from '../tensor/shelf.js';
import type { EngineRequest } from './requests.js';

/** Bytes that the request allows; absent: half of what the machine has to spare. */
export const memoryOf = ({ memory }: EngineRequest): number => memory ?? Math.floor(availableMemory() / 2);

/** Node 20.13 and newer count reclaimable pages and the limits of a container; freemem counts neither. */
export const availableMemory = (): number => process.availableMemory?.() ?? freemem();

/** A session maps the weights and packs most of them a second time. */
const copiesInSession = 2;

/** Whether `sessions` sessions of whole graphs fit. */
export const fitsWhole = (graph: Graph, memory: number, sessions = 1): boolean =>
  sessions * sessionBytes([graph]) <= memory;

/** Bytes of a session on each of the graphs. */
export const sessionBytes = (graphs: readonly Graph[]): number =>
  copiesInSession * graphs.reduce((sum, graph) => sum + weightBytes(graph), 0);

/** Bytes of all initializers and constants, those of subgraphs included. */
export const weightBytes = (graph: Graph): number =>
  [...graph.initializers.values()].reduce((sum, { payload }) => sum + payload.byteLength, 0) +
  graph.nodes.reduce((sum, node) => {
    const value = node.op === 'Constant' && node.attrs.value?.kind === 'tensor' ? node.attrs.value.value : undefined;
    const inside = subgraphs(node).reduce((total, body) => total + weightBytes(body), 0);
    return sum + (value?.payload.byteLength ?? 0) + inside;
  }, 0);

/** Of values between regions; more go to files. */
export const shelfMemory = (request: EngineRequest): number => memoryOf(request) / 4;

/** Values between regions: a quarter of the memory, then files in `folder`, which is emptied first and removed by the caller. */
export function shelfIn(folder: string, request: EngineRequest): Shelf {
  rmSync(folder, { recursive: true, force: true });
  const { activations } = request;
  return new Shelf({ folder, memory: shelfMemory(request), ...(activations && { precision: activations }) });
}

/**
 * How samples are run through `graph`: whole where that fits, else block by block, with what crosses blocks in files past the budget.
 * @param folder for these files; absent: one of the system, which the next command removes should this one be killed
 */
export function forwardFor(graph: Graph, request: EngineRequest, folder?: string): Forward {
  if (fitsWhole(graph, memoryOf(request))) return forward;
  return async (whole, batches, options, each) => {
    if (folder === undefined) removeLeftovers(tmpdir());
    const scratch = folder ?? temporaryBeside(join(tmpdir(), 'scalpel'));
    try {
      await forwardByRegion(whole, batches, { ...options, shelf: shelfIn(scratch, request) }, each);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  };
}
