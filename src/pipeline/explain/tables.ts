/** Counterfactuals of a table as tables: the rows themselves, and what changes of them. */
import { stringify } from 'csv-stringify/sync';
import type { ExplainReport } from '../../report/explain-report.js';

/**
 * One line a row: that of each instance, then its counterfactuals. `what` is `now` or `instead`; `number` counts the counterfactuals of
 * an instance from 1. Columns are those of the data, so that the file can be fed to the model again.
 */
export function rowsTable({ methods, columns = [] }: ExplainReport): string {
  const lines = methods.flatMap(({ name, instances }) =>
    instances.flatMap(({ sample, found, says, wanted, row = [], counterfactuals }) => [
      [sample, name, 'now', 0, found, ...said(says), wanted, ...row],
      ...counterfactuals.map((each, i) => [
        ...[sample, name, 'instead', i + 1, true, ...said(each.says), wanted],
        ...(each.row ?? []),
      ]),
    ]),
  );
  return written(['sample', 'method', 'what', 'number', 'found', 'says', 'probability', 'wanted', ...columns], lines);
}

/** One line a feature that changes. */
export const changesTable = ({ methods, features = [] }: ExplainReport): string =>
  written(
    ['sample', 'method', 'number', 'feature', 'now', 'instead', 'change', 'unit'],
    methods.flatMap(({ name, instances }) =>
      instances.flatMap(({ sample, counterfactuals }) =>
        counterfactuals.flatMap(({ changes = [] }, i) =>
          changes.map(({ feature, from, to, by }) => [
            ...[sample, name, i + 1, feature, from, to, by ?? ''],
            features.find((each) => each.name === feature)?.unit ?? '',
          ]),
        ),
      ),
    ),
  );

const said = ({ name, value, probability }: ExplainReport['methods'][number]['instances'][number]['says']) => [
  value ?? name,
  probability ?? '',
];

/** Names come from files: a spreadsheet must not take one for a formula. */
const written = (header: readonly string[], lines: readonly (readonly unknown[])[]): string =>
  stringify([header, ...lines] as unknown[][], {
    escape_formulas: true,
    cast: { boolean: (value) => (value ? 'yes' : 'no') },
  });
