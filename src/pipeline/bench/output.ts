/** Where a bench writes, looked at before anything is measured, and what it writes. */
import { join } from 'node:path';
import { checkFolder } from '../../files/folder.js';
import { modelFiles } from '../../onnx/model-files.js';
import type { BenchReport } from '../../report/bench-report.js';
import { stageBenchReport } from '../../report/write-report.js';
import { checkFiles } from '../making/check-outputs.js';
import { commit } from '../making/commit.js';
import type { BenchOutput, BenchRequest } from './request.js';
import type { BenchScene } from './scene.js';

export const benchFiles = ({ folder }: BenchOutput): string[] =>
  ['report.json', 'report.html'].map((name) => join(folder, name));

/** @throws UserError when the folder cannot be had, or a file in it is taken. */
export async function checkBenchOutput({ output }: BenchRequest, { models, samples }: BenchScene): Promise<void> {
  if (!output) return;
  checkFolder(output.folder);
  const read = [
    ...models.flatMap((model) => modelFiles(model).flatMap(({ path }) => path ?? [])),
    ...samplesOf(samples),
  ];
  await checkFiles({ outputs: benchFiles(output), inputs: read, force: output.force });
}

const samplesOf = ({ provenance }: BenchScene['samples']): string[] => provenance.files.map(({ path }) => path);

export async function writeBench(report: BenchReport, output: BenchOutput, signal: AbortSignal): Promise<void> {
  const stage = await stageBenchReport(report, output.folder);
  try {
    commit([stage], signal, { force: output.force });
  } finally {
    stage.discard();
  }
}
