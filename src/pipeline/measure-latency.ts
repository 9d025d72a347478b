/** How long the model itself takes, not its working copy. */
import type { Samples } from '../data/index.js';
import { exitCodes, UserError } from '../errors.js';
import { type Latency, type LatencyOptions, latencies } from '../evaluate/index.js';
import { feeds } from '../ir/graph.js';
import type { Graph } from '../ir/types.js';
import { withSwitches } from './working-copy.js';

export interface LatencyPair {
  readonly before: Latency;
  readonly after: Latency;
}

/** Both graphs on the first sample, in turn; or why the runtime cannot run the model as it is. */
export async function measureLatency(
  before: Graph,
  after: Graph,
  samples: Samples,
  engine: LatencyOptions,
): Promise<LatencyPair | string> {
  const unfeedable = feeds(before).find(({ type }) => type?.dtype === 'bfloat16');
  if (unfeedable) return `input '${unfeedable.name}' is of bfloat16, which the runtime cannot be fed`;
  const own = withSwitches(before, samples);
  try {
    const [first, second] = await latencies([before, after], own, engine);
    return { before: first as Latency, after: second as Latency };
  } catch (error) {
    if (error instanceof UserError && error.exitCode === exitCodes.unsupported) return error.message;
    throw error;
  }
}
