/** Writes the report of a run: the document for scripts, the page for people. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { makeFolder } from '../files/folder.js';
import { type Stage, stage } from '../files/stage.js';
import { writeNew } from '../files/whole-file.js';
import type { Gallery } from './attack-gallery.js';
import { renderAttackHtml } from './attack-page.js';
import type { AttackReport } from './attack-report.js';
import { renderBenchHtml } from './bench-page.js';
import type { BenchReport } from './bench-report.js';
import { renderConvertHtml } from './convert-page.js';
import type { ConvertReport } from './convert-report.js';
import type { ExplainGallery } from './explain-gallery.js';
import { renderExplainHtml } from './explain-page.js';
import type { ExplainReport } from './explain-report.js';
import { renderFormsHtml } from './forms-page.js';
import type { FormsReport } from './forms-report.js';
import { renderHtml } from './prune-page.js';
import type { PruneReport } from './prune-report.js';
import { renderShrinkHtml } from './shrink-page.js';
import type { ShrinkReport } from './shrink-report.js';
import { renderTrainHtml } from './train-page.js';
import type { TrainReport } from './train-report.js';

export interface ReportPaths {
  readonly json: string;
  readonly html: string;
}

/**
 * Writes report.json and report.html into `folder`, which is made when absent, and gives their paths.
 * @throws UserError when one of them exists and `force` is not set.
 */
export async function writeReport(
  report: PruneReport,
  folder: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<ReportPaths> {
  const paths = pathsIn(folder);
  for (const path of Object.values(paths)) {
    if (!force && existsSync(path)) throw new UserError(path, 'exists already; use --force to overwrite it');
  }
  (await stageReport(report, folder)).commit();
  return paths;
}

/** As `writeReport`, up to the moment when the files get their names. */
export const stageReport = (report: PruneReport, folder: string): Promise<Stage> =>
  staged(report, renderHtml(report), folder);

/** The same of a run of attacks. */
export const stageAttackReport = (report: AttackReport, gallery: Gallery, folder: string): Promise<Stage> =>
  staged(report, renderAttackHtml(report, gallery), folder);

/** The same of a run of explanations. */
export const stageExplainReport = (report: ExplainReport, gallery: ExplainGallery, folder: string): Promise<Stage> =>
  staged(report, renderExplainHtml(report, gallery), folder);

/** The same of a bench. */
export const stageBenchReport = (report: BenchReport, folder: string): Promise<Stage> =>
  staged(report, renderBenchHtml(report), folder);

/** The same of a run of training. */
export const stageTrainReport = (report: TrainReport, folder: string): Promise<Stage> =>
  staged(report, renderTrainHtml(report), folder);

/** The same of a run that removes units. */
export const stageShrinkReport = (report: ShrinkReport, folder: string): Promise<Stage> =>
  staged(report, renderShrinkHtml(report), folder);

/** The same of a comparison of forms. */
export const stageFormsReport = (report: FormsReport, folder: string): Promise<Stage> =>
  staged(report, renderFormsHtml(report), folder);

/** The same of a conversion. */
export const stageConvertReport = (report: ConvertReport, folder: string): Promise<Stage> =>
  staged(report, renderConvertHtml(report), folder);

function staged(document: object, page: string, folder: string): Promise<Stage> {
  const { json, html } = pathsIn(folder);
  const contents = [
    [json, `${JSON.stringify(document, null, 2)}\n`],
    [html, page],
  ] as const;
  makeFolder(folder);
  return stage(contents.map(([path, text]) => ({ path, write: (place) => writeNew(place, [Buffer.from(text)]) })));
}

const pathsIn = (folder: string): ReportPaths => ({
  json: join(folder, 'report.json'),
  html: join(folder, 'report.html'),
});
