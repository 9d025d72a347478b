/** Prune requests on the bundled GPT, small enough for tests. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import type { JobContext, JobEvent } from '../../src/runtime/job-protocol.js';
import { jobHere } from '../helpers/job-here.js';

const bundled = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const gpt = bundled('models/gpt-sotu/model.onnx');

/** 8 windows of 32 tokens: quick, and enough to tell criteria apart. */
export const sotu = { files: [bundled('calibration/sotu.yaml')], samples: 8, seqLen: 32, seed: 0 };

/** A request for Wanda at half, into a folder of its own. */
export function pruneRequest(changes: Partial<PruneRequest> = {}, folder = newFolder()): PruneRequest {
  return {
    model: gpt,
    method: 'wanda',
    methodOptions: {},
    pattern: { kind: 'unstructured', sparsity: 0.5 },
    allocation: { kind: 'uniform', overrides: [] },
    selection: 'exact',
    layers: { include: [], exclude: [] },
    statisticsFrom: 'sparse',
    regions: 'block',
    calibration: sotu,
    engine: { provider: 'cpu', threads: 2 },
    seed: 0,
    output: outputIn(folder),
    commandLine: ['scalpel', 'prune'],
    ...changes,
  };
}

export const outputIn = (folder: string) => ({
  model: join(folder, 'pruned.onnx'),
  report: join(folder, 'report'),
  run: join(folder, 'run'),
  keepRun: false,
  force: false,
});

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'scalpel-prune-'));

/** A context that keeps what is said; `onEvent` may abort. */
export function jobContext(
  onEvent: (event: JobEvent, abort: () => void) => void = () => {},
): JobContext & { said: string[] } {
  const controller = new AbortController();
  const said: string[] = [];
  const emit = (event: JobEvent): void => {
    if (event.type === 'log') said.push(event.text);
    onEvent(event, () => controller.abort());
  };
  return { said, ...jobHere(emit, controller.signal) };
}
