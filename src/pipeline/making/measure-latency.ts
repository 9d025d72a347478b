/** How long the model itself takes, before and after, where memory allows to hold both. */
import type { Graph } from '../../ir/types.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { fitsWhole } from '../memory.js';
import type { LatencyPair, LatencyRequest } from './latency-job.js';

/** The figures, or why there are none. @param memory bytes that may be taken; the two models are loaded whole. */
export const measureLatency = (
  graph: Graph,
  request: LatencyRequest,
  memory: number,
  context: JobContext,
): Promise<LatencyPair | string> =>
  fitsWhole(graph, memory, 2)
    ? context.job<LatencyPair | string>(new URL('./latency-job.js', import.meta.url), request)
    : Promise.resolve(`the two models together do not fit into ${(memory / 1e9).toFixed(1)} GB; raise --memory`);
