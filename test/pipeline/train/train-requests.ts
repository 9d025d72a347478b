/** Requests for trainings of a small FCN on the bundled Cylinder-Bell-Funnel: a second or less each. */
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { run } from '../../../src/pipeline/train/job.js';
import type { TrainRequest } from '../../../src/pipeline/train/request.js';
import type { TrainReport } from '../../../src/report/train-report.js';
import type { JobContext } from '../../../src/runtime/job-protocol.js';
import { type TrainingSettings, usualSettings } from '../../../src/train/settings.js';
import { runScalpel } from '../../cli/run-scalpel.js';
import { jobHere } from '../../helpers/job-here.js';

export const home = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export const newFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'scalpel-train-')));

export const cbf = {
  training: [home('calibration/cbf-train.tsv')],
  test: [home('calibration/cbf-test.tsv')],
} as const;

export const short: TrainingSettings = {
  ...usualSettings,
  ...{ steps: 12, every: 4, patience: 10, labelledBatch: 8, unlabelledBatch: 8, rate: 0.003, augment: 'mag-noise:0.1' },
};

export const cbfRequest = (folder: string, changes: Partial<TrainRequest> = {}): TrainRequest => ({
  backbone: { name: 'fcn', width: 4 },
  newHead: false,
  holdsZeros: true,
  data: cbf,
  draws: { budgets: [24], seeds: [0], validation: 30 },
  algorithm: 'supervised',
  given: {},
  training: short,
  baselines: [],
  savesAll: false,
  engine: { provider: 'cpu', threads: 1 },
  output: { folder: join(folder, 'out'), run: join(folder, 'out.run'), keepRun: false, force: false },
  commandLine: ['scalpel', 'train'],
  ...changes,
});

/** Of a model that is trained further: no backbone is built. */
export const furtherRequest = (folder: string, model: string, changes: Partial<TrainRequest> = {}): TrainRequest =>
  cbfRequest(folder, { model, backbone: { name: 'fcn' }, ...changes });

export const train = (request: TrainRequest, context: JobContext = jobHere()): Promise<TrainReport> =>
  run(request, context);

export const inOutput = ({ output }: TrainRequest, name: string): string => join(output!.folder, name);

/** What the written model comes to on raw series, by `scalpel eval`. */
export async function evaluated(request: TrainRequest, path: string, rest: readonly string[] = []) {
  const words = ['eval', inOutput(request, 'model.onnx'), '--data', path, '--json', '--quiet', ...rest];
  const { stdout, stderr, exitCode } = await runScalpel([...words, '--provider', 'cpu', '--threads', '1']);
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

/** The report's test figures come of evaluation on the files. */
export async function expectSameFigures(
  request: TrainRequest,
  report: TrainReport,
  path: string,
  rest?: readonly string[],
) {
  const found = await evaluated(request, path, rest);
  const { series, auc, accuracy, f1, logLoss, expectedCalibrationError } = report.cells[0]!.test!;
  expect([found.samples, found.top1]).toEqual([series, accuracy]);
  expect(found.f1).toEqual(f1);
  expect(found.auc.weighted).toBeCloseTo(auc!.weighted, 4);
  expect(found.logLoss).toBeCloseTo(logLoss, 5);
  expect(found.expectedCalibrationError).toBeCloseTo(expectedCalibrationError, 4);
}
