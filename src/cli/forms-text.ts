/** What `scalpel convert` says of several forms: their figures beside each other, and what does not fit. */
import { join } from 'node:path';
import type { FormsOutput } from '../pipeline/convert/forms/request.js';
import { bytes } from '../report/format.js';
import { type FormColumn, type FormRow, formColumns, formRows } from '../report/forms-figures.js';
import type { FormsReport } from '../report/forms-report.js';
import { formsVerdict } from '../report/forms-verdict.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

export function formsText(report: FormsReport, output: FormsOutput | undefined): string {
  const { left, warnings, written } = report;
  const columns = formColumns(report);
  const rows = formRows(report);
  return [
    table(columns.sizes, rows),
    columns.times.length > 0 &&
      table(
        columns.times,
        rows.filter(({ figures }) => figures),
      ),
    left.length > 0 &&
      textTable(
        [{ title: 'not made', maxWidth: 40 }, { title: 'why' }],
        left.map(({ name, reason }) => [name, reason]),
      ),
    warnings.map((warning) => visible(`warning: ${warning}`)).join('\n'),
    visible(formsVerdict(report)),
    output && placesText(written, output),
  ]
    .filter(Boolean)
    .join('\n\n');
}

const table = (columns: readonly FormColumn[], rows: readonly FormRow[]): string =>
  textTable(
    [{ title: 'form', maxWidth: 40 }, ...columns.map(({ title }) => ({ title, align: 'right' }) as const)],
    rows.map((row) => [row.name, ...columns.map(({ text }) => text(row))]),
  );

const placesText = (written: FormsReport['written'], { report }: FormsOutput): string =>
  [
    ...(written?.files ?? []).map(
      ({ path, bytes: size }, i) => `${i === 0 ? 'written' : 'beside '}  ${visible(path)} (${bytes(size)})`,
    ),
    `report   ${visible(join(report, 'report.html'))}`,
    `         ${visible(join(report, 'report.json'))}`,
  ].join('\n');
