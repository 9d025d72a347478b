/** A job that gives the runtime the beginning of a graph it broke down on, in the way it was given the whole. */
import { consumers } from '../ir/graph.js';
import { presentOutputs } from '../ir/node.js';
import type { Graph } from '../ir/types.js';
import type { DataType } from '../tensor/dtype.js';
import { noted } from './flight-recorder.js';
import { type KeptCall, readCall } from './kept-call.js';
import { loadOrt } from './ort.js';
import { openSession } from './session.js';
import { showableOutputs } from './showable.js';
import { toOrt, transferable } from './transfer.js';

export interface CrashTrial {
  /** Where the call was kept. */
  readonly folder: string;
  /** How many nodes to keep. */
  readonly nodes: number;
  /** Whether the runtime's optimizer is left out. */
  readonly isPlain?: boolean;
}

/** Returns when the runtime survives. */
export async function run({ folder, nodes, isPlain = false }: CrashTrial): Promise<void> {
  const { graph, settings, fed } = readCall(folder);
  const begun = nodes < graph.nodes.length ? beginning(graph, nodes) : graph;
  const session = await openSession(begun, isPlain ? { ...settings, optimization: 'disabled' } : settings);
  await runOnce(begun, session, fed());
  await session.release();
}

/** The first nodes of `graph`; what they make and none of them reads comes out, so that the runtime leaves none away. */
function beginning(graph: Graph, count: number): Graph {
  const begun = { ...graph, nodes: graph.nodes.slice(0, count) };
  const [outputs, read] = [new Set(graph.outputs), consumers(begun)];
  const made = new Set(begun.nodes.flatMap(presentOutputs));
  const ends = showableOutputs(begun).filter((value) => made.has(value) && (outputs.has(value) || !read.has(value)));
  return { ...begun, outputs: ends };
}

async function runOnce(
  graph: Graph,
  session: Awaited<ReturnType<typeof openSession>>,
  fed: ReturnType<KeptCall['fed']>,
): Promise<void> {
  if (!fed) return;
  const ort = await loadOrt();
  const feeds = [...fed].map(([name, t]) => [name, toOrt(ort, t)] as const);
  // to fetch an output of another type would be a crash of its own
  const fetched = session.outputMetadata.filter((o) => o.isTensor && transferable.has(o.type as DataType));
  await noted('ran', graph, () =>
    session.run(
      Object.fromEntries(feeds),
      fetched.map(({ name }) => name),
    ),
  );
}
