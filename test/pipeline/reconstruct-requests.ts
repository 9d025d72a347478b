/** Requests to prune and reconstruct a GPT of two blocks with random weights. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run as runPrune } from '../../src/pipeline/prune/job.js';
import type { OutputRequest, PruneRequest } from '../../src/pipeline/prune/request.js';
import { run as runReconstruct } from '../../src/pipeline/reconstruct/job.js';
import {
  type ReconstructionRequest,
  type ReconstructRequest,
  reconstructionDefaults,
} from '../../src/pipeline/reconstruct/request.js';
import type { PruneReport } from '../../src/report/prune-report.js';
import { type GptForm, tinyGpt } from '../helpers/tiny-gpt.js';
import { type Exported, exported, tokensIn } from './exported.js';
import { jobContext, outputIn, pruneRequest } from './prune-requests.js';

/** Not a dry one. */
type Made = ReconstructRequest & { readonly output: OutputRequest };

/** Four windows a step, three times over the data. */
export function reconstruction(
  changes: Partial<ReconstructionRequest> = {},
  descent: Partial<ReconstructionRequest['descent']> = {},
): ReconstructionRequest {
  const { ratedColumns: _, ...usual } = reconstructionDefaults.descent;
  const small = { ...usual, epochs: 3, leastSamples: 0, batchSize: 4, rate: 0.01 };
  return { ...reconstructionDefaults, ...changes, descent: { ...small, ...descent } };
}

export const tiny = (form: GptForm = {}): Promise<Exported> => exported(tinyGpt(form));

/** Magnitude at 0.7, then that; in a folder of that name. */
export function bothRequest(
  { folder, model }: Exported,
  name: string,
  changes: Partial<PruneRequest> = {},
): PruneRequest {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  return pruneRequest(
    {
      model,
      method: 'magnitude',
      pattern: { kind: 'unstructured', sparsity: 0.7 },
      reconstruction: reconstruction(),
      calibration: tokensIn(folder),
      engine: { provider: 'cpu', threads: 1 },
      ...changes,
    },
    own,
  );
}

export function reconstructRequest(
  pruned: string,
  { folder, model }: Exported,
  name: string,
  changes: Partial<ReconstructRequest> = {},
): Made {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  return {
    model: pruned,
    dense: model,
    layers: { include: [], exclude: [] },
    reconstruction: reconstruction(),
    calibration: tokensIn(folder),
    engine: { provider: 'cpu', threads: 1 },
    seed: 0,
    output: outputIn(own),
    commandLine: ['scalpel', 'reconstruct'],
    ...changes,
  };
}

export const prune = async (request: PruneRequest, context = jobContext()): Promise<PruneReport> =>
  (await runPrune(request, context)) as PruneReport;

export const reconstruct = (request: Made, context = jobContext()): Promise<PruneReport> =>
  runReconstruct(request, context);
