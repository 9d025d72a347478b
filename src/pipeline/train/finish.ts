/** The end of a training run: models, figures and the report, which appear in one step. */
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../files/folder.js';
import { hashFile } from '../../files/hash.js';
import type { Stage } from '../../files/stage.js';
import { verify } from '../../ir/verify.js';
import { load } from '../../onnx/load.js';
import { stageModel } from '../../onnx/save.js';
import type { TrainReport } from '../../report/train-report.js';
import { stageTrainReport } from '../../report/write-report.js';
import type { Manifest, RunDirectory } from '../../run/run-directory.js';
import { isBetter } from '../../train/judgement.js';
import type { SearchResult } from '../../train/search/index.js';
import type { FolderOutput } from '../folder-output.js';
import { publish } from '../making/publish.js';
import type { Stopwatch } from '../making/stopwatch.js';
import type { BaselineFacts } from './baselines.js';
import type { Cell, CellWork } from './cells.js';
import { cellFile, modelFile } from './places.js';
import { trainReport } from './results.js';
import { served } from './served.js';

export interface Finished extends CellWork {
  readonly run: RunDirectory;
  readonly output: FolderOutput;
  readonly cells: readonly Cell[];
  readonly baselines: readonly BaselineFacts[];
  readonly search?: SearchResult;
  readonly manifest: Manifest;
  readonly watch: Stopwatch;
}

export interface WrittenModel {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export async function finish(work: Finished): Promise<TrainReport> {
  const { request, scene, output, run, cells, watch, context } = work;
  const best = bestOf(cells);
  const { folder } = output;
  const wanted = [
    { cell: best, path: join(folder, modelFile) },
    ...(request.savesAll ? cells.map((cell) => ({ cell, path: cellFile(folder, cell.budget, cell.seed) })) : []),
  ];
  const stages: Stage[] = [];
  try {
    for (const { path } of wanted) makeFolder(dirname(path));
    const models = await watch.time('save', async () => {
      const written = new Map<Cell, WrittenModel>();
      for (const { cell, path } of wanted) {
        const staged = await stageModel(served(cell, request, scene), path, context.signal);
        stages.push(staged);
        const { place } = staged.files.at(-1)!;
        verify(load(place).graph);
        // the best one's first file is the one that is served
        if (!written.has(cell))
          written.set(cell, { path, sha256: await hashFile(place, context.signal), bytes: statSync(place).size });
      }
      return written;
    });
    const report = await watch.time('measure', () => trainReport({ ...work, best, models }));
    stages.push(await stageTrainReport(report, folder));
    await publish(stages, run, output.force, context.signal);
    return report;
  } finally {
    for (const each of stages) each.discard();
  }
}

/** Of the most labels, the one that validates best. */
function bestOf(cells: readonly Cell[]): Cell {
  const most = Math.max(...cells.map(({ labels }) => labels));
  return cells
    .filter(({ labels }) => labels === most)
    .reduce((best, cell) => {
      const judged = cell.best.judgement;
      return judged && isBetter(judged, best.best.judgement) ? cell : best;
    });
}
