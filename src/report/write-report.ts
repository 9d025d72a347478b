/** Writes the report of a run: the document for scripts, the page for people. */
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { makeFolder, writeError } from '../run/folder.js';
import { renderHtml } from './prune-page.js';
import type { PruneReport } from './prune-report.js';

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
  const paths = { json: join(folder, 'report.json'), html: join(folder, 'report.html') };
  for (const path of Object.values(paths)) {
    if (!force && existsSync(path)) throw new UserError(path, 'exists already; use --force to overwrite it');
  }
  const page = renderHtml(report);
  makeFolder(folder);
  await replace(paths.json, `${JSON.stringify(report, null, 2)}\n`);
  await replace(paths.html, page);
  return paths;
}

/** Written beside and renamed, so that nobody sees half a file. */
async function replace(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.part`;
  try {
    await writeFile(beside, text);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw writeError(path, error);
  }
}
