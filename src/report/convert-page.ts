/** The page of a conversion: what it brought and cost, tensor by tensor, and how to do it again. */
import { basename } from 'node:path';
import type { ConvertReport, OutputError, TensorReport } from './convert-report.js';
import {
  type ConvertFigure,
  convertFigures,
  convertVerdict,
  percentOf,
  relativeText,
  tensorCount,
  worstOutput,
} from './convert-verdict.js';
import { bytes, change, figure } from './format.js';
import { type Html, html } from './html.js';
import { type Headline, renderPage } from './page.js';
import { code, dataTable, facts, list, section } from './parts.js';
import { dataset, fileTable, howTo, timeAndMemory } from './reproduction.js';

/** More rows than this scroll inside their frame. */
const longTable = 24;

/** One self-contained HTML page; every name in the report is untrusted and escaped. */
export const renderConvertHtml = (report: ConvertReport): string =>
  renderPage({
    kind: 'Conversion report',
    title: `${basename(report.model.before.path)} as ${report.target}`,
    verdict: convertVerdict(report),
    headline: headline(report),
    sections: [
      report.notes.length > 0 && section('What to know', list(report.notes)),
      section('Before and after', figures(report)),
      section('Outputs', outputs(report)),
      section('Tensors', tensors(report)),
      section('What was done', settings(report), data(report)),
      section('How to reproduce', reproduction(report)),
    ],
    footer: html`Made by onnx-scalpel ${report.reproduce.versions['onnx-scalpel']}${report.timing.finishedAt && ` on ${report.timing.finishedAt}`}. All times are of the machine it ran on.`,
  }).text;

function headline({ model, outputs, tensors: all }: ConvertReport): Headline[] {
  const { before, after } = model;
  const worst = worstOutput(outputs.outputs);
  return [
    { name: 'file size', value: bytes(after.bytes), detail: change(before.bytes, after.bytes) },
    ...(before.gzipBytes && after.gzipBytes
      ? [
          {
            name: 'compressed size',
            value: bytes(after.gzipBytes),
            detail: `${change(before.gzipBytes, after.gzipBytes)} by gzip -6`,
          },
        ]
      : []),
    ...(worst
      ? [{ name: 'largest output error', value: relativeText(worst), detail: `of the norm of ${worst.name}` }]
      : []),
    { name: 'converted', value: tensorCount(all.length) },
  ];
}

const figures = (report: ConvertReport): Html =>
  dataTable<ConvertFigure>(
    `The model before and after${report.timing.latency?.description ? `; latency: ${report.timing.latency.description}` : ''}`,
    [
      { title: 'quantity', cell: ({ name }) => name, kind: 'name' },
      { title: 'before', cell: ({ before }) => before, kind: 'number' },
      { title: 'after', cell: ({ after }) => after, kind: 'number' },
      { title: 'change', cell: (row) => row.change, kind: 'number' },
    ],
    convertFigures(report),
  );

function outputs({ outputs: { inputs, computedIn, outputs: all, failure } }: ConvertReport): Html {
  if (failure !== undefined) return html`<p>The outputs could not be compared: ${failure}.</p>`;
  return dataTable<OutputError>(
    `On ${inputs}${computedIn ? `, computed in ${computedIn}` : ''}`,
    [
      { title: 'output', cell: ({ name }) => code(name), kind: 'name' },
      { title: '‖a − b‖ / ‖a‖', cell: (row) => relativeText(row), kind: 'number' },
      { title: 'largest |a − b|', cell: ({ largest }) => (largest === null ? '—' : figure(largest)), kind: 'number' },
    ],
    all,
  );
}

const tensors = ({ tensors: all }: ConvertReport): Html =>
  dataTable<TensorReport>(
    `${tensorCount(all.length)} in another form`,
    [
      { title: 'tensor', cell: ({ name }) => code(name), kind: 'name' },
      { title: 'from', cell: ({ from }) => from },
      { title: 'to', cell: ({ to }) => to },
      { title: 'bytes before', cell: (row) => bytes(row.bytes.before), kind: 'number' },
      { title: 'after', cell: (row) => bytes(row.bytes.after), kind: 'number' },
      {
        title: '‖W − Ŵ‖ / ‖W‖',
        cell: ({ error }) => (error ? percentOf(error.relative) : 'exact'),
        kind: 'number',
      },
      { title: 'largest |w − ŵ|', cell: ({ error }) => (error ? figure(error.largest) : 'exact'), kind: 'number' },
    ],
    all,
    { long: all.length > longTable },
  );

const settings = ({ target, summary, settings: s }: ConvertReport): Html =>
  facts([
    ['target', target],
    ['what it is', summary],
    ...Object.entries(s.options).map(([name, value]) => [name, String(value)] as const),
    ['included', s.include.join(', ')],
    ['excluded', s.exclude.join(', ')],
    ['weights from', s.weights],
    ['tokens of', s.tokens],
    ['most error allowed', s.maxError === undefined ? undefined : String(s.maxError)],
    ['most drop allowed', s.maxDrop === undefined ? undefined : String(s.maxDrop)],
    ['seed', String(s.seed)],
    ['threads', String(s.threads)],
    ['provider', s.provider],
  ]);

const data = ({ data: { tokens, calibration, evaluation } }: ConvertReport): (Html | false)[] => [
  tokens !== undefined && dataset('Text whose tokens are kept', tokens),
  calibration !== undefined && dataset('Calibration data', calibration),
  evaluation !== undefined && dataset('Evaluation data', evaluation),
];

const reproduction = ({ reproduce, model, timing }: ConvertReport): Html[] => [
  ...howTo(reproduce),
  html`<h3>Models</h3>`,
  fileTable('Before and after', [model.before, model.after]),
  ...timeAndMemory(timing),
];
