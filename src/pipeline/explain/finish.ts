/** The end of an explaining run: figures, report, tables, arrays and pictures, which appear in one step. */
import { join } from 'node:path';
import type { Ground } from '../../counterfactual/index.js';
import { makeFolder } from '../../files/folder.js';
import { type Stage, type StagedOutput, stage } from '../../files/stage.js';
import { writeNew } from '../../files/whole-file.js';
import type { ExplainReport } from '../../report/explain-report.js';
import { pixelsOf, pngOf } from '../../report/picture.js';
import { stageExplainReport } from '../../report/write-report.js';
import type { Manifest, RunDirectory } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { encodeNpz } from '../../tensor/npz.js';
import type { Engine } from '../engine.js';
import type { FolderOutput } from '../folder-output.js';
import { publish } from '../making/publish.js';
import type { Stopwatch } from '../making/stopwatch.js';
import { arraysOf } from './arrays.js';
import { channelOrder, pairsOf } from './pairs.js';
import type { Pass } from './passes.js';
import { arraysFile, changesFile, picturesFolder, rowsFile } from './places.js';
import type { ExplainRequest } from './request.js';
import { explainReport } from './results.js';
import type { ExplainScene } from './scene.js';
import { changesTable, rowsTable } from './tables.js';

export interface Finished {
  readonly request: ExplainRequest;
  readonly output: FolderOutput;
  readonly scene: ExplainScene;
  readonly ground: Ground;
  readonly warnings: readonly string[];
  readonly passes: readonly Pass[];
  readonly engine: Engine;
  readonly manifest: Manifest;
  readonly run: RunDirectory;
  readonly watch: Stopwatch;
  readonly context: JobContext;
}

export async function finish(work: Finished): Promise<ExplainReport> {
  const { output, run, watch, context } = work;
  const report = await watch.time('measure', () => explainReport(work));
  const stages: Stage[] = [];
  try {
    stages.push(await stageFindings(work, report));
    stages.push(await stageExplainReport(report, pairsOf(work), output.folder));
    await publish(stages, run, output.force, context.signal);
    return report;
  } finally {
    for (const each of stages) each.discard();
  }
}

/** One file of arrays a method, tables where there is a table, and a picture a find where instances are pictures. */
async function stageFindings(work: Finished, report: ExplainReport): Promise<Stage> {
  const {
    output: { folder },
    ground,
    passes,
  } = work;
  const outputs: StagedOutput[] = passes.map((pass) =>
    written(arraysFile(folder, pass.method), () => encodeNpz(arraysOf(pass, ground), { compress: true })),
  );
  if (ground.features.schema)
    outputs.push(
      written(join(folder, rowsFile), () => Buffer.from(rowsTable(report))),
      written(join(folder, changesFile), () => Buffer.from(changesTable(report))),
    );
  if (ground.network.space.kind === 'image') {
    const order = channelOrder(work);
    for (const { method, findings } of passes) {
      const pictures = picturesFolder(folder, method);
      makeFolder(pictures);
      for (const { id, success, counterfactual } of findings)
        if (success)
          outputs.push(
            written(join(pictures, `${String(id).padStart(5, '0')}.png`), () =>
              pngOf(pixelsOf(counterfactual, ground.network.space, ground.bounds, order)),
            ),
          );
    }
  }
  makeFolder(folder);
  return stage(outputs);
}

const written = (path: string, content: () => Uint8Array): StagedOutput => ({
  path,
  write: (place) => writeNew(place, [content()]),
});
