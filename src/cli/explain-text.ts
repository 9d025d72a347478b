/** The document of `explain` as text for the terminal. */
import { join } from 'node:path';
import type { ExplainedMethod, ExplainReport } from '../report/explain-report.js';
import { explainVerdict, sparsest } from '../report/explain-verdict.js';
import { duration, figure, percent, plural } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';
import { positionWord } from '../report/words.js';

/** Sentences told here; the report has more. */
const mostSentences = 5;

/** @param folder where the report is. */
export function explainText(report: ExplainReport, folder: string): string {
  const { methods, data, warnings, model } = report;
  const best = sparsest(report);
  const columns = [
    { title: 'method' },
    ...['found', `${positionWord(model.space.kind)}s`, 'l1', 'l2', 'lof', 'redundant', 'each'].map((title) => ({
      title,
      align: 'right' as const,
    })),
  ];
  const tables = report.features ? [join(folder, '*.csv')] : [];
  const files = [join(folder, 'report.html'), join(folder, 'report.json'), ...tables, join(folder, '*.npz')];
  return [
    visible(`${model.file.path}, ${plural(data.explained, 'instance')}; wanted: ${report.settings.goal}`),
    textTable(
      columns,
      methods.map((method) => row(method, report)),
    ),
    best ? sentencesOf(best) : '',
    reasons(methods),
    visible(explainVerdict(report)),
    warnings.map((text) => visible(`warning: ${text}`)).join('\n'),
    visible(files.join('  ')),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function row({ name, summary }: ExplainedMethod, { timing }: ExplainReport): string[] {
  const mean = (of: 'l0' | 'l1' | 'l2' | 'lof' | 'redundancy'): string => {
    const value = summary.overValid[of]?.mean;
    return value === undefined ? '' : figure(value);
  };
  const seconds = timing.methods.find((each) => each.name === name)?.secondsPerInstance;
  return [
    name,
    percent(summary.validity),
    ...(['l0', 'l1', 'l2', 'lof', 'redundancy'] as const).map(mean),
    seconds === undefined ? '' : duration(seconds),
  ];
}

/** One sentence a line, of the first instances that have one. */
function sentencesOf({ instances }: ExplainedMethod): string {
  const told = instances.flatMap(({ sample, counterfactuals: [best] }) =>
    best?.sentence ? [`sample ${sample}: ${best.sentence}`] : [],
  );
  const rest = told.length - mostSentences;
  return [...told.slice(0, mostSentences), ...(rest > 0 ? [`and ${plural(rest, 'instance')} more in the report`] : [])]
    .map(visible)
    .join('\n');
}

/** Why nothing was found, and how often. */
const reasons = (methods: readonly ExplainedMethod[]): string =>
  methods
    .flatMap(({ name, instances }) => {
      const without = instances.filter(({ found }) => !found);
      return without
        .slice(0, 3)
        .map(({ sample, reason }) => `${name}, sample ${sample}: ${reason?.text ?? 'no reason is known'}`)
        .concat(
          without.length > 3
            ? [`${name}: ${plural(without.length - 3, 'instance')} more without a counterfactual`]
            : [],
        );
    })
    .map(visible)
    .join('\n');
