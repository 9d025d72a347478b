/** The job that measures how long two models take, apart from the job that made one of them: both are loaded whole here. */
import { exitCodes, UserError } from '../../errors.js';
import { type Latency, latencies } from '../../evaluate/index.js';
import { feeds } from '../../ir/graph.js';
import { load } from '../../onnx/load.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { CompileOptions } from '../../runtime/program.js';
import { openData } from '../open-data.js';
import type { DataRequest } from '../requests.js';
import { withSwitches, workingCopy } from '../working-copy.js';

export interface LatencyRequest {
  /** Paths of the two models; they take the same samples. */
  readonly before: string;
  readonly after: string;
  /** Of which the first sample is run. */
  readonly data: DataRequest;
  readonly engine: CompileOptions;
}

export interface LatencyPair {
  readonly before: Latency;
  readonly after: Latency;
}

/** Both models as they are stored, in turn; or why the runtime cannot run them so. */
export async function run(request: LatencyRequest, { signal }: JobContext): Promise<LatencyPair | string> {
  const { graph } = load(request.before);
  const unfeedable = feeds(graph).find(({ type }) => type?.dtype === 'bfloat16');
  if (unfeedable) return `input '${unfeedable.name}' is of bfloat16, which the runtime cannot be fed`;
  const samples = withSwitches(graph, await openData(workingCopy(graph), request.before, request.data));
  try {
    const graphs = [graph, load(request.after).graph];
    const [before, after] = await latencies(graphs, samples, { ...request.engine, signal });
    return { before: before as Latency, after: after as Latency };
  } catch (error) {
    if (error instanceof UserError && error.exitCode === exitCodes.unsupported) return error.message;
    throw error;
  }
}
