/** Opens sessions of ONNX Runtime on encoded graphs and makes sure that they close. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { print } from '../ir/print.js';
import type { Graph } from '../ir/types.js';
import { encode } from '../onnx/encode.js';
import { noted } from './flight-recorder.js';
import { isKeepingCalls, keepLoad } from './kept-call.js';
import { loadOrt } from './ort.js';
import { runtimeError } from './runtime-error.js';
import { placeWeights } from './weights.js';

export interface SessionSettings {
  readonly executionProviders?: readonly InferenceSession.ExecutionProviderConfig[];
  readonly threads?: number;
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Prefix of the profile's file name. */
  readonly profile?: string;
}

/**
 * A session for `graph`; the caller releases it.
 * @throws UserError with the node that the runtime complains about.
 */
export async function openSession(graph: Graph, settings: SessionSettings = {}): Promise<InferenceSession> {
  const ort = await loadOrt();
  const { folder, buffers, external } = placeWeights(graph);
  const bytes = encode(graph, { external });
  if (process.env.SCALPEL_DEBUG === '1') keepForDebugging(graph, bytes);
  // weights in buffers are gigabytes: such a graph is not kept
  if (buffers.length === 0) keepLoad(graph, { model: bytes, settings, folder });
  const options = {
    ...optionsOf(graph, settings, folder),
    ...(buffers.length === 0 ? {} : { externalData: buffers }),
  };
  try {
    return await noted('loaded', graph, () => ort.InferenceSession.create(bytes, options));
  } catch (error) {
    throw runtimeError(error);
  }
}

/**
 * A session on the file that `graph` was loaded from, which the runtime reads itself, as in an application; the caller releases it.
 * @throws UserError with the node that the runtime complains about.
 */
export async function openFile(
  graph: Graph,
  path: string | undefined,
  settings: SessionSettings = {},
): Promise<InferenceSession> {
  // what a crash is looked for in has to be kept, and that is a graph
  if (path === undefined || isKeepingCalls()) return openSession(graph, settings);
  const ort = await loadOrt();
  try {
    return await noted('loaded', graph, () => ort.InferenceSession.create(path, optionsOf(graph, settings, undefined)));
  } catch (error) {
    throw runtimeError(error);
  }
}

const optionsOf = (
  graph: Graph,
  settings: SessionSettings,
  folder: string | undefined,
): InferenceSession.SessionOptions => ({
  executionProviders: settings.executionProviders ?? ['cpu'],
  graphOptimizationLevel: settings.optimization ?? 'all',
  logSeverityLevel: 4,
  interOpNumThreads: 1,
  ...(settings.threads === undefined ? {} : { intraOpNumThreads: settings.threads }),
  ...(settings.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: settings.profile }),
  extra: extraOptions(graph, folder),
});

function extraOptions(graph: Graph, folder: string | undefined): Record<string, unknown> {
  const ends = new Set(graph.outputs);
  const endsInRange = graph.nodes.some(
    (node) => node.op === 'Range' && node.outputs.some((value) => value && ends.has(value)),
  );
  return {
    session: {
      // waiting threads that spin take the cores that other processes and the JavaScript between runs need
      intra_op: { allow_spinning: '0' },
      ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
    },
    // onnxruntime 1.30 fuses Range and Gather to Slice even where the Range is an output, and then crashes when it is fetched
    ...(endsInRange ? { optimization: { disable_specified_optimizers: 'GatherToSliceFusion' } } : {}),
  };
}

let kept = 0;

function keepForDebugging(graph: Graph, bytes: Uint8Array): void {
  const folder = join(tmpdir(), `scalpel-debug-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const base = join(folder, String(kept++).padStart(4, '0'));
  writeFileSync(`${base}.onnx`, bytes);
  writeFileSync(`${base}.txt`, `${print(graph)}\n`);
}
