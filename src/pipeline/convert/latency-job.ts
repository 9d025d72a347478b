/** The job that opens two model files and times them, in turn and apart from the job that made one of them. */

import { randomSamples } from '../../data/random-samples.js';
import { exitCodes, UserError } from '../../errors.js';
import { type Latency, latencies } from '../../evaluate/index.js';
import { load } from '../../onnx/load.js';
import { annotate } from '../../runtime/annotate.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { openFile } from '../../runtime/open-file.js';
import type { CompileOptions } from '../../runtime/program.js';
import { openData } from '../open-data.js';
import type { DataRequest } from '../requests.js';
import { withSwitches, workingCopy } from '../working-copy.js';

export interface SpeedRequest {
  /** Paths of the two models; they take the same samples. */
  readonly before: string;
  readonly after: string;
  /** Of which the first sample is run; absent: random numbers that both take. */
  readonly data?: DataRequest;
  readonly seed: number;
  readonly engine: CompileOptions & { readonly threads: number };
}

export interface Speed {
  /** Milliseconds until the runtime has opened the file; or why it does not. Absent where that was not tried. */
  readonly loads?: { readonly beforeMs: number; readonly afterMs: number } | { readonly failure: string };
  /** Or why there is none. */
  readonly latency: { readonly before: Latency; readonly after: Latency } | string;
}

/** The median of three hardly moves with one disturbance. */
const openings = 3;

export async function run(request: SpeedRequest, { signal }: JobContext): Promise<Speed> {
  const { before, after, data, seed, engine } = request;
  const loads = await openBoth([before, after], engine.threads, signal);
  if ('failure' in loads) return { loads, latency: loads.failure };
  const { graph } = load(before);
  try {
    const copy = workingCopy(graph);
    const made = load(after).graph;
    const samples = data ? await openData(copy, before, data) : randomSamples(copy, await annotate(copy), seed, [made]);
    const graphs = [graph, made];
    const [first, second] = await latencies(graphs, withSwitches(graph, samples), { ...engine, signal });
    return { loads, latency: { before: first as Latency, after: second as Latency } };
  } catch (error) {
    if (error instanceof UserError && error.exitCode === exitCodes.unsupported)
      return { loads, latency: error.message };
    throw error;
  }
}

async function openBoth(
  paths: readonly [string, string],
  threads: number,
  signal: AbortSignal,
): Promise<NonNullable<Speed['loads']>> {
  const times: [number[], number[]] = [[], []];
  for (let turn = 0; turn < openings; turn++) {
    for (const [i, path] of paths.entries()) {
      signal.throwIfAborted();
      try {
        times[i]!.push(await openFile(path, threads));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        const which = i === 0 ? 'the model before' : 'the file written';
        return { failure: `ONNX Runtime does not open ${which}: ${error.message}` };
      }
    }
  }
  const [beforeMs, afterMs] = times.map((each) => each.sort((a, b) => a - b)[openings >> 1] as number);
  return { beforeMs: beforeMs as number, afterMs: afterMs as number };
}
