/** The page of a comparison of forms: what each is and costs, what does not fit, and how it was measured. */
import { basename } from 'node:path';
import { ratioChart } from './bench-charts.js';
import { figureOf } from './chart.js';
import { worstOutput } from './convert-verdict.js';
import { duration, plural } from './format.js';
import { sizesChart } from './forms-charts.js';
import { type FormColumn, type FormRow, formColumns, formRows } from './forms-figures.js';
import type { FormsReport } from './forms-report.js';
import { formsHeadline, formsVerdict, limitsText } from './forms-verdict.js';
import { type Html, html } from './html.js';
import { renderPage } from './page.js';
import { code, dataTable, facts, list, section } from './parts.js';
import { dataset, fileTable, howTo, timeAndMemory } from './reproduction.js';

/** One self-contained HTML page; every name in the report is untrusted and escaped. */
export function renderFormsHtml(report: FormsReport): string {
  const { model, forms, left, warnings, reproduce, timing } = report;
  const rows = formRows(report);
  const timed = rows.filter(({ figures }) => figures);
  const columns = formColumns(report);
  const ratios = ratioChart(
    'the model as it came',
    forms.flatMap(({ name, figures }) => (figures?.ratio ? [{ name, ratio: figures.ratio }] : [])),
  );
  return renderPage({
    kind: 'Forms compared',
    title: `${basename(model.path)} in ${plural(forms.length, 'form')}`,
    verdict: formsVerdict(report),
    headline: formsHeadline(report),
    sections: [
      warnings.length > 0 && section('Warnings', list(warnings)),
      section('Size and answers', table(sizesCaption(report), columns.sizes, rows), figureOf(sizesChart(rows))),
      columns.times.length > 0 &&
        section(
          'Time and memory',
          ratios && figureOf(ratios),
          table(
            'Times in milliseconds; intervals of ratios at 95 %; memory that loading and running adds',
            columns.times,
            timed,
          ),
        ),
      section('What to know of each', remarks(report)),
      left.length > 0 && section('What does not fit', leftTable(report)),
      section('How it was measured', method(report), data(report)),
      section('How to reproduce', howTo(reproduce), fileTable('Model', [model]), timeAndMemory(timing)),
    ],
    footer: html`Made by onnx-scalpel ${reproduce.versions['onnx-scalpel']}${timing.finishedAt && ` on ${timing.finishedAt}`}. All times are of the machine it ran on.`,
  }).text;
}

const table = (caption: string, columns: readonly FormColumn[], rows: readonly FormRow[]): Html =>
  dataTable<FormRow>(
    caption,
    [
      { title: 'form', cell: ({ name }) => code(name), kind: 'name' },
      ...columns.map(({ title, text }) => ({ title, cell: text, kind: 'number' }) as const),
    ],
    rows,
  );

const sizesCaption = (report: FormsReport): string =>
  `Each form beside the model as it came; the error is the largest ‖a − b‖ / ‖a‖ of an output; within: ${limitsText(report)}`;

/** Forms that nothing is to be said of are left out. */
function remarks({ forms }: FormsReport): Html {
  const rows = forms.flatMap(({ name, notes, notRun, outputs }) => {
    const said = [
      ...(notRun === undefined ? [] : [`not timed: ${notRun}`]),
      ...(outputs.failure === undefined ? [] : [`outputs not compared: ${outputs.failure}`]),
      ...(worstOutput(outputs.outputs)?.relative === null ? ['its outputs hold values that are no numbers'] : []),
      ...(outputs.computedIn ? [`outputs computed in ${outputs.computedIn}`] : []),
      ...notes,
    ];
    return said.map((text) => ({ name, text }));
  });
  if (rows.length === 0) return html`<p>Nothing.</p>\n`;
  return dataTable<(typeof rows)[number]>(
    'By form',
    [
      { title: 'form', cell: ({ name }) => code(name), kind: 'name' },
      { title: 'what', cell: ({ text }) => text, kind: 'words' },
    ],
    rows,
  );
}

const leftTable = ({ left }: FormsReport): Html =>
  dataTable<FormsReport['left'][number]>(
    'Forms that were not made',
    [
      { title: 'form', cell: ({ name }) => code(name), kind: 'name' },
      { title: 'why', cell: ({ reason }) => reason, kind: 'words' },
    ],
    left,
  );

function method({ settings, original }: FormsReport): Html {
  const { options, include, exclude, tokens, seed, threads, provider } = settings;
  const { latency, load } = original ?? {};
  return facts([
    ['best is the least of', String(options.by)],
    ['rounds', latency && `${latency.rounds} of ${options.runs}, in ${duration(Number(options.seconds))} a form`],
    ['loads of each form', load && `${load.loads}, each in a fresh process`],
    ['samples a run', latency?.batch],
    ['included', include.join(', ')],
    ['excluded', exclude.join(', ')],
    ['tokens of', tokens],
    ['seed', String(seed)],
    ['provider', `${provider}, ${plural(threads, 'thread')}`],
  ]);
}

const data = ({ data: { calibration, evaluation } }: FormsReport): (Html | false)[] => [
  calibration !== undefined && dataset('Calibration data', calibration),
  evaluation !== undefined && dataset('Evaluation data', evaluation),
];
