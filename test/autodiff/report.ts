/** What a study keeps of a test run: one JSON file a test file, in the folder that SCALPEL_STUDY names. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function writeReport(name: string, rows: readonly object[]): void {
  const folder = process.env.SCALPEL_STUDY;
  if (!folder || rows.length === 0) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(rows));
}
